// The status of a request all of whose events are in one batch: what the database would compute, without asking for what is in hand.
import type { DigestFacts, SlashFacts } from "../store/batch-facts.ts";
import { writeBytea, writeId, writeInt8, writeNumeric, type CopyTable } from "../store/copy-table.ts";
import { clientOf, type SeenRequest } from "../store/seen-request.ts";
import { lockPriceAt } from "./lock-price.ts";
import { STATUS_COLUMNS } from "./status-rules-sql.ts";

/** Undefined where no event of the batch names it: it is of the order stream. */
export interface WholeStory {
  readonly shown: SeenRequest;
  readonly facts: DigestFacts | undefined;
  readonly slashed: SlashFacts | undefined;
  /** Chain time of the batch's last block. */
  readonly now: bigint;
}

interface Times {
  readonly now: bigint;
  readonly lockEnd: bigint;
  readonly expiresAt: bigint;
  readonly lockedAt: bigint | undefined;
  readonly fulfilledAt: bigint | undefined;
  readonly slashedAt: bigint | undefined;
  /** The first delivery by whoever locked it. */
  readonly byLockerAt: bigint | undefined;
}

/** The table as a target of COPY. Rules: README, "Statuses". */
export const requestStatus: CopyTable<WholeStory> = {
  name: "request_status",
  columns: STATUS_COLUMNS,
  write: (to, story) => {
    const { shown, facts, slashed } = story;
    const times = timesOf(story);
    const { submitted, locked, fulfilled } = facts ?? {};
    to.bytea(shown.digest);
    writeId(to, shown.request.id);
    to.byteaHex(clientOf(shown.request.id));
    to.text(shown.source);
    to.text(requestStatusAt(times));
    to.text(slashedStatusAt(times));
    to.int8(shown.seenAt);
    to.int8(updatedAt(story, times));
    writeInt8(to, times.lockedAt);
    writeInt8(to, times.fulfilledAt);
    writeInt8(to, times.slashedAt);
    writeInt8(to, times.byLockerAt);
    writeBytea(to, locked?.prover);
    writeBytea(to, fulfilled?.prover);
    writeInt8(to, submitted?.blockNumber);
    writeInt8(to, locked?.blockNumber);
    writeInt8(to, fulfilled?.blockNumber);
    writeInt8(to, slashed?.first.blockNumber);
    writeBytea(to, submitted?.txHash);
    writeBytea(to, locked?.txHash);
    writeBytea(to, fulfilled?.txHash);
    writeBytea(to, slashed?.first.txHash);
    to.numeric(times.lockEnd);
    to.numeric(times.expiresAt);
    writeNumeric(to, times.lockedAt === undefined ? undefined : lockPriceAt(shown.request.offer, times.lockedAt));
    writeBytea(to, slashed?.first.recipient);
    writeNumeric(to, slashed?.first.transferred);
    writeNumeric(to, slashed?.first.burned);
  },
};

function timesOf({ shown, facts, slashed, now }: WholeStory): Times {
  const { rampUpStart, lockTimeout, timeout } = shown.request.offer;
  const locker = facts?.locked?.prover;
  const byLocker = locker && facts?.delivered.find(({ prover }) => prover.equals(locker));
  return {
    now,
    lockEnd: rampUpStart + BigInt(lockTimeout),
    expiresAt: rampUpStart + BigInt(timeout),
    lockedAt: facts?.locked?.time,
    fulfilledAt: facts?.fulfilled?.time,
    slashedAt: slashed?.first.time,
    byLockerAt: byLocker?.time,
  };
}

function requestStatusAt({ now, lockEnd, expiresAt, lockedAt, fulfilledAt }: Times): string {
  if (fulfilledAt !== undefined) return "fulfilled";
  if (now > expiresAt || (now > lockEnd && lockedAt === undefined)) return "expired";
  return lockedAt === undefined ? "submitted" : "locked";
}

function slashedStatusAt({ now, lockEnd, lockedAt, byLockerAt, slashedAt }: Times): string {
  if (slashedAt !== undefined) return "Slashed";
  return lockedAt !== undefined && now > lockEnd && isAfter(byLockerAt, lockEnd) ? "Pending" : "N/A";
}

/** An event that never came, came after every deadline. */
const isAfter = (at: bigint | undefined, deadline: bigint): boolean => at === undefined || at > deadline;

/** The last event, or the second after a deadline where that second changed something. */
function updatedAt({ shown, facts, slashed }: WholeStory, times: Times): bigint {
  const ticks = [lockEndChange(times), expiryChange(times)];
  const all = [shown.seenAt, facts?.lastAt, slashed?.lastAt, ...ticks].filter((one) => one !== undefined);
  return all.reduce((latest, one) => (one > latest ? one : latest));
}

function lockEndChange(times: Times): bigint | undefined {
  const { now, lockEnd, expiresAt, lockedAt, fulfilledAt, slashedAt, byLockerAt } = times;
  if (now <= lockEnd) return undefined;
  const hasExpired = isAfter(lockedAt, lockEnd) && isAfter(fulfilledAt, lockEnd) && lockEnd <= expiresAt;
  const isLiable = !isAfter(lockedAt, lockEnd) && isAfter(byLockerAt, lockEnd) && isAfter(slashedAt, lockEnd);
  return hasExpired || isLiable ? lockEnd + 1n : undefined;
}

function expiryChange({ now, lockEnd, expiresAt, lockedAt, fulfilledAt }: Times): bigint | undefined {
  if (now <= expiresAt || !isAfter(fulfilledAt, expiresAt)) return undefined;
  const hadExpired = lockEnd < expiresAt && isAfter(lockedAt, expiresAt);
  return hadExpired ? undefined : expiresAt + 1n;
}
