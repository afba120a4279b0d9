// Statuses as the facts say them, read off the whole history one request at a time: the reference that the SQL is held against.
import type { MarketEvent, OffchainRequest } from "../types.ts";
import type { ProofRequest } from "../decode/abi.ts";

export interface NaiveStatus {
  readonly request_digest: string;
  readonly source: string;
  readonly request_status: string;
  readonly slashed_status: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly locked_at: string | null;
  readonly fulfilled_at: string | null;
  readonly slashed_at: string | null;
  readonly lock_prover_delivered_proof_at: string | null;
  readonly lock_prover_address: string | null;
  readonly fulfill_prover_address: string | null;
  readonly submit_block: string | null;
  readonly lock_block: string | null;
  readonly fulfill_block: string | null;
  readonly slashed_block: string | null;
  readonly lock_price: string | null;
  readonly slash_recipient: string | null;
}

interface History {
  readonly createdAt: bigint;
  readonly source: string;
  readonly request: ProofRequest;
  readonly submitted: readonly Of<"RequestSubmitted">[];
  readonly locked: readonly Of<"RequestLocked">[];
  readonly fulfilled: readonly Of<"RequestFulfilled">[];
  readonly delivered: readonly Of<"ProofDelivered">[];
  readonly slashed: readonly Of<"ProverSlashed">[];
}

type Of<N> = Extract<MarketEvent, { readonly name: N }>;

/** At chain time `now`, by digest; `events` in chain order. */
export function naiveStatuses(
  events: readonly MarketEvent[],
  orders: readonly OffchainRequest[],
  now: bigint,
): Map<string, NaiveStatus> {
  const digests = new Set<string>();
  for (const event of events) if ("digest" in event) digests.add(event.digest.toString("hex"));
  for (const order of orders) digests.add(order.digest.toString("hex"));
  return new Map([...digests].map((digest) => [digest, statusOf(digest, historyOf(digest, events, orders), now)]));
}

function historyOf(digest: string, events: readonly MarketEvent[], orders: readonly OffchainRequest[]): History {
  const those = <N extends MarketEvent["name"]>(name: N, is: (event: Of<N>) => boolean): Of<N>[] =>
    events.filter((event): event is Of<N> => event.name === name).filter((event) => is(event));
  const submitted = those("RequestSubmitted", (event) => event.digest.toString("hex") === digest);
  const locked = those("RequestLocked", (event) => event.digest.toString("hex") === digest);
  const order = orders
    .filter((one) => one.digest.toString("hex") === digest)
    .toSorted((a, b) => Number(a.createdAt - b.createdAt))[0];
  const first = firstSighting(submitted[0], order, locked[0]);
  return {
    ...first,
    submitted,
    locked,
    fulfilled: those("RequestFulfilled", (event) => event.args.requestDigest.toString("hex") === digest),
    delivered: those("ProofDelivered", (event) => event.args.fulfillment.requestDigest.toString("hex") === digest),
    slashed: those("ProverSlashed", (event) => event.args.requestId === first.request.id),
  };
}

/** A submission or an order, whichever came first; else the lock that carried it. */
function firstSighting(
  submitted: Of<"RequestSubmitted"> | undefined,
  order: OffchainRequest | undefined,
  locked: Of<"RequestLocked"> | undefined,
): { createdAt: bigint; source: string; request: ProofRequest } {
  const onchain = submitted && {
    createdAt: submitted.place.blockTimestamp,
    source: "onchain",
    request: submitted.args.request,
  };
  const offchain = order && { createdAt: order.createdAt, source: "offchain", request: order.request };
  if (onchain !== undefined && (offchain === undefined || onchain.createdAt <= offchain.createdAt)) return onchain;
  if (offchain !== undefined) return offchain;
  if (locked === undefined) throw new Error("nobody has seen this request");
  return { createdAt: locked.place.blockTimestamp, source: "unknown", request: locked.args.request };
}

const timeOf = (event: MarketEvent | undefined): bigint | undefined => event?.place.blockTimestamp;

/** The two statuses as they were at a moment: a function of the events until then, and of the moment. */
function statesAt(history: History, at: bigint): { request: string; slashed: string } {
  const until = <E extends MarketEvent>(events: readonly E[]): E[] =>
    events.filter((event) => event.place.blockTimestamp <= at);
  const { rampUpStart, lockTimeout, timeout } = history.request.offer;
  const lockEnd = rampUpStart + BigInt(lockTimeout);
  const expiresAt = rampUpStart + BigInt(timeout);
  const lock = until(history.locked)[0];
  let request = "submitted";
  if (lock !== undefined) request = "locked";
  if (at > expiresAt || (at > lockEnd && lock === undefined)) request = "expired";
  if (until(history.fulfilled).length > 0) request = "fulfilled";

  let slashed = "N/A";
  const delivery = timeOf(until(history.delivered).find((one) => lock?.args.prover.equals(one.args.prover)));
  if (lock !== undefined && at > lockEnd && (delivery === undefined || delivery > lockEnd)) slashed = "Pending";
  if (until(history.slashed).length > 0) slashed = "Slashed";
  return { request, slashed };
}

/** The last moment at which something happened: an event, or a second in which the clock alone changed a status. */
function updatedAt(history: History, now: bigint): bigint {
  const { rampUpStart, lockTimeout, timeout } = history.request.offer;
  const { submitted, locked, fulfilled, delivered, slashed } = history;
  const happenings = [...submitted, ...locked, ...fulfilled, ...delivered, ...slashed].map(
    (event) => event.place.blockTimestamp,
  );
  const ticks = [rampUpStart + BigInt(lockTimeout) + 1n, rampUpStart + BigInt(timeout) + 1n].filter((tick) => {
    const [before, after] = [statesAt(history, tick - 1n), statesAt(history, tick)];
    return tick <= now && (before.request !== after.request || before.slashed !== after.slashed);
  });
  return [history.createdAt, ...happenings, ...ticks].reduce((a, b) => (a > b ? a : b));
}

function priceAt(offer: ProofRequest["offer"], at: bigint): bigint {
  if (at <= offer.rampUpStart) return offer.minPrice;
  if (at > offer.rampUpStart + BigInt(offer.lockTimeout)) return 0n;
  const elapsed = at - offer.rampUpStart;
  const period = BigInt(offer.rampUpPeriod);
  if (elapsed >= period) return offer.maxPrice;
  return offer.minPrice + (elapsed * (offer.maxPrice - offer.minPrice)) / period;
}

function statusOf(digest: string, history: History, now: bigint): NaiveStatus {
  const { submitted, locked, fulfilled, delivered, slashed } = history;
  const text = (value: bigint | undefined): string | null => value?.toString() ?? null;
  const lock = locked[0];
  const states = statesAt(history, now);
  const lockedAt = timeOf(lock);
  return {
    request_digest: digest,
    source: history.source,
    request_status: states.request,
    slashed_status: states.slashed,
    created_at: history.createdAt.toString(),
    updated_at: updatedAt(history, now).toString(),
    locked_at: text(lockedAt),
    fulfilled_at: text(timeOf(fulfilled[0])),
    slashed_at: text(timeOf(slashed[0])),
    lock_prover_delivered_proof_at: text(timeOf(delivered.find((one) => lock?.args.prover.equals(one.args.prover)))),
    lock_prover_address: lock?.args.prover.toString("hex") ?? null,
    fulfill_prover_address: fulfilled[0]?.args.prover.toString("hex") ?? null,
    submit_block: text(submitted[0]?.place.blockNumber),
    lock_block: text(lock?.place.blockNumber),
    fulfill_block: text(fulfilled[0]?.place.blockNumber),
    slashed_block: text(slashed[0]?.place.blockNumber),
    lock_price: lockedAt === undefined ? null : priceAt(history.request.offer, lockedAt).toString(),
    slash_recipient: slashed[0]?.args.collateralRecipient.toString("hex") ?? null,
  };
}
