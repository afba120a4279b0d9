// The forms that settings come in, each with a sentence that says what is allowed.
import * as z from "zod";
import { Secret } from "../secret.ts";

/** Text to a whole number within bounds. */
export function wholeNumber(bounds: { readonly min: number; readonly max: number }): z.ZodType<number> {
  const allowed = `must be a whole number from ${bounds.min} to ${bounds.max}`;
  return z
    .string({ error: allowed })
    .regex(/^\d+$/, { error: allowed })
    .transform(Number)
    .refine((value) => value >= bounds.min && value <= bounds.max, { error: allowed });
}

/** Text to a bigint ≥ 0. */
export const blockNumber: z.ZodType<bigint> = z
  .string({ error: "must be a block number (a decimal whole number)" })
  .regex(/^\d{1,18}$/, { error: "must be a block number (a decimal whole number)" })
  .transform(BigInt);

/** `true`, `1`, `yes` or `false`, `0`, `no`. */
export const yesOrNo: z.ZodType<boolean> = z
  .enum(["true", "false", "1", "0", "yes", "no"], { error: "must be true or false" })
  .transform((text) => text === "true" || text === "1" || text === "yes");

/** An http(s) URL. */
export const httpUrl: z.ZodType<string> = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" });

/** One or several http(s) URLs, comma-separated. */
export const httpUrls: z.ZodType<readonly string[]> = z
  .string({ error: "must be one or more http(s) URLs, comma-separated" })
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/, error: "must be one or more http(s) URLs, comma-separated" })));

/** A PostgreSQL URL, kept secret because it carries a password. */
export const databaseUrl: z.ZodType<Secret> = z
  .string({ error: "must be a postgres:// URL" })
  .regex(/^postgres(ql)?:\/\/\S+$/, { error: "must be a postgres:// URL" })
  .transform((text) => new Secret(text));

/** A 20-byte address, 0x and 40 hexadecimal digits, to lower case. */
export const evmAddress: z.ZodType<`0x${string}`> = z
  .string({ error: "must be an address: 0x and 40 hexadecimal digits" })
  .regex(/^0x[0-9a-fA-F]{40}$/, { error: "must be an address: 0x and 40 hexadecimal digits" })
  .transform((text) => text.toLowerCase() as `0x${string}`);

/** Any text that must stay secret. */
export const secretText: z.ZodType<Secret> = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
