// What share of the traffic does what. `--mix "late=30,expire=5"` changes some of it.
import * as z from "zod";

/** Percentages. All but the first two are of the requests, each drawn on its own. */
export const DEFAULT_MIX = {
  /** Of the actions: deposits and withdrawals of balance and collateral. */
  accounts: 10,
  /** Of the actions for which a request waits: new requests instead. */
  ahead: 35,
  /** Locked without ever being submitted on the chain. */
  offchain: 15,
  /** Submitted and then left alone. */
  expire: 15,
  /** Fulfilled without a lock. */
  unlocked: 6,
  /** Locked and delivered by another prover after the lock's end; then usually slashed. */
  late: 10,
  /** Locked and never delivered; then usually slashed. */
  undelivered: 12,
  /** Delivered a second time. */
  redeliver: 12,
  /** Submitted once more as it is. */
  duplicate: 5,
  /** Submitted once more with the same id and an altered offer. */
  resubmit: 7,
  /** With a callback; two of three fail. */
  callback: 12,
  /** Submitted with numbers and text at the edge of what the contract takes. */
  odd: 4,
} as const;

export type Mix = { readonly [Share in keyof typeof DEFAULT_MIX]: number };

const NAMES = Object.keys(DEFAULT_MIX);
const allowed = `must be name=percent pairs, comma-separated; names: ${NAMES.join(", ")}`;

/** `late=30,expire=5` to a mix; what is not named keeps its default. */
export const mixForm: z.ZodType<Mix> = z
  .string({ error: allowed })
  .transform((text) => text.split(",").map((pair) => pair.split("=")))
  .refine((pairs) => pairs.every(([name = "", share = ""]) => NAMES.includes(name) && isPercentage(share)), {
    error: allowed,
  })
  .transform((pairs) => {
    return { ...DEFAULT_MIX, ...Object.fromEntries(pairs.map(([name, share]) => [name, Number(share)])) } as Mix;
  });

function isPercentage(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 100;
}
