// What is to become of a request: drawn when it is made, written into the ledger, performed item by item.
import type { Hex } from "@tidegate/chain";
import type { Random } from "@tidegate/kernel";
import { EXACT_PROVER, PROVERS, WATCHER } from "../contract/dev-accounts.ts";
import { happens } from "./happens.ts";
import type { AgendaItem, LedgerRequest } from "./ledger-line.ts";
import type { Mix } from "./mix.ts";
import { deadlineOf, lockDeadlineOf } from "./request-values.ts";

/** The items after the one that brings the request in; for an off-chain request that one is its lock. */
export function makeAgenda(
  random: Random,
  options: { readonly request: LedgerRequest; readonly now: number; readonly mix: Mix; readonly lockedBy?: Hex },
): AgendaItem[] {
  const { request, now, mix, lockedBy } = options;
  if (lockedBy !== undefined) return afterLock(random, { ...options, prover: lockedBy, lockAt: now });
  const again: AgendaItem[] = [];
  const anyTime = { by: clientOf(request), notBefore: now + random.integer(1, 8), notAfter: null };
  if (happens(random, mix.duplicate)) again.push({ do: "submit again", ...anyTime });
  if (happens(random, mix.resubmit))
    again.push({ do: "resubmit", ...anyTime, notAfter: Number(lockDeadlineOf(request)) });
  if (happens(random, mix.expire)) return again;

  const prover = pickProver(random, request);
  const lockAt = now + random.integer(1, 12);
  const lockDeadline = Number(lockDeadlineOf(request));
  if (happens(random, mix.unlocked)) {
    const deliver: AgendaItem = { do: "deliver", by: prover, notBefore: lockAt, notAfter: lockDeadline };
    return [...again, deliver, ...deliverAgain(random, { request, mix, after: lockAt })];
  }
  const lock: AgendaItem = { do: "lock", by: prover, notBefore: lockAt, notAfter: lockDeadline };
  return [...again, lock, ...afterLock(random, { ...options, prover, lockAt })];
}

/** A prover for whom the price is right: the exact one wants a price that does not move. */
export function pickProver(random: Random, request: LedgerRequest): Hex {
  const isFlat = request.offer.minPrice === request.offer.maxPrice;
  return random.pick(isFlat ? [EXACT_PROVER, ...PROVERS] : PROVERS.filter((prover) => prover !== EXACT_PROVER));
}

/** The client's address in a request id. */
export function clientOf(request: LedgerRequest): Hex {
  return `0x${((BigInt(request.id) >> 32n) & (2n ** 160n - 1n)).toString(16).padStart(40, "0")}`;
}

/** The item with which a lock ends that nobody delivered for in time. */
export function slashItem(request: LedgerRequest): AgendaItem {
  return { do: "slash", by: WATCHER, notBefore: Number(deadlineOf(request)) + 1, notAfter: null };
}

function afterLock(
  random: Random,
  { request, mix, prover, lockAt }: { request: LedgerRequest; mix: Mix; prover: Hex; lockAt: number },
): AgendaItem[] {
  const lockDeadline = Number(lockDeadlineOf(request));
  const deadline = Number(deadlineOf(request));
  const slash = happens(random, 80) ? [slashItem(request)] : [];
  if (happens(random, mix.undelivered)) return slash;
  if (happens(random, mix.late)) {
    const others = PROVERS.filter((other) => other !== prover);
    const late: AgendaItem = {
      do: "deliver late",
      by: happens(random, 80) ? random.pick(others) : prover,
      notBefore: lockDeadline + 1,
      notAfter: deadline,
    };
    return [late, ...slash];
  }
  const deliverAt = lockAt + random.integer(1, 10);
  const deliver: AgendaItem = { do: "deliver", by: prover, notBefore: deliverAt, notAfter: lockDeadline };
  return [deliver, ...deliverAgain(random, { request, mix, after: deliverAt })];
}

function deliverAgain(
  random: Random,
  { request, mix, after }: { request: LedgerRequest; mix: Mix; after: number },
): AgendaItem[] {
  if (!happens(random, mix.redeliver)) return [];
  const notBefore = after + random.integer(1, 15);
  return [{ do: "deliver again", by: random.pick(PROVERS), notBefore, notAfter: Number(deadlineOf(request)) }];
}
