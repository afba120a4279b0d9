// What happens on the market, second by second: requests begin, and their later events come when their time does. The shares are
// those of the example market's traffic.
import { DEFAULT_MIX } from "@tidegate/market-example";
import { seededRandom, type Random } from "@tidegate/kernel";
import { emit, type EmittedEvent, type ProofRequest } from "../market-events.ts";
import { alterOffer, makeRequest } from "./make-request.ts";

export interface LifeCycle {
  /** The next `count` events, at this unix second. */
  next(now: number, count: number): EmittedEvent[];
}

/** One item is a list of events that one call of the market emits. */
type Item = readonly EmittedEvent[];

interface Cast {
  readonly random: Random;
  readonly clients: readonly Buffer[];
  readonly provers: readonly Buffer[];
  readonly market: Buffer;
  readonly digestOf: (request: ProofRequest) => Buffer;
  /** Has the item happen at this second, or when there is room after it. */
  readonly at: (second: number, item: () => Item) => void;
}

/** A request as its events carry it. */
interface Asked {
  readonly request: ProofRequest;
  readonly digest: Buffer;
  readonly signature: Buffer;
}

export function createLifeCycle(options: {
  readonly seed: number;
  readonly market: Buffer;
  readonly digestOf: (request: ProofRequest) => Buffer;
}): LifeCycle {
  const random = seededRandom(options.seed);
  const later = new Map<number, Array<() => Item>>();
  let due: EmittedEvent[] = [];
  let until = 0;
  const cast: Cast = {
    ...options,
    random,
    clients: Array.from({ length: 64 }, () => random.bytes(20)),
    provers: Array.from({ length: 16 }, () => random.bytes(20)),
    at: (second, item) => {
      if (second <= until) due.push(...item());
      else later.set(second, [...(later.get(second) ?? []), item]);
    },
  };
  let made = 0;
  return {
    next: (now, count) => {
      for (let second = until + 1; second <= now && later.size > 0; second++) {
        for (const item of later.get(second) ?? []) due.push(...item());
        later.delete(second);
      }
      until = now;
      while (due.length < count) {
        if (happens(random, DEFAULT_MIX.accounts * 3)) due.push(moveMoney(cast));
        else beginRequest(cast, now, made++);
      }
      const events = due.slice(0, count);
      due = due.slice(count);
      return events;
    },
  };
}

function happens(random: Random, percent: number): boolean {
  return random.next() * 100 < percent;
}

function moveMoney({ random, clients, provers }: Cast): EmittedEvent {
  const kind = random.pick(["Deposit", "Withdrawal", "CollateralDeposit", "CollateralWithdrawal"] as const);
  const value = BigInt(random.integer(1, 50_000_000)) * 10n ** 9n + BigInt(random.integer(0, 999));
  return emit[kind]([random.pick(kind.startsWith("Collateral") ? provers : [...clients, ...provers])], { value });
}

function beginRequest(cast: Cast, now: number, made: number): void {
  const { random, clients, at } = cast;
  const client = clients[made % clients.length] ?? Buffer.alloc(20);
  const hasCallback = happens(random, DEFAULT_MIX.callback);
  const request = makeRequest(random, { client, index: Math.floor(made / clients.length), now, hasCallback });
  const asked = ask(cast, request);
  if (happens(random, DEFAULT_MIX.offchain)) return lock(cast, asked, now);
  at(now, () => [
    ...(happens(random, 25) ? [emit.Deposit([client], { value: request.offer.maxPrice * 2n + 1n })] : []),
    submission(asked),
  ]);
  if (happens(random, DEFAULT_MIX.duplicate)) at(now + random.integer(1, 8), () => [submission(asked)]);
  const altered = happens(random, DEFAULT_MIX.resubmit) ? ask(cast, alterOffer(random, request)) : undefined;
  if (altered !== undefined) at(now + 1, () => [submission(altered)]);
  if (happens(random, DEFAULT_MIX.expire)) return;
  const goesOn = altered !== undefined && happens(random, 50) ? altered : asked;
  const lockAt = now + random.integer(2, 12);
  if (happens(random, DEFAULT_MIX.unlocked)) return deliverAndAgain(cast, goesOn, lockAt, random.pick(cast.provers));
  lock(cast, goesOn, lockAt);
}

function ask({ random, digestOf }: Cast, request: ProofRequest): Asked {
  return { request, digest: digestOf(request), signature: random.bytes(random.pick([65, 65, 65, 65, 0, 200])) };
}

function submission({ request, signature }: Asked): EmittedEvent {
  return emit.RequestSubmitted([request.id], { request, clientSignature: signature });
}

/** The lock, and what follows from it: delivered in time, late by another, or never; the last two usually slashed. */
function lock(cast: Cast, asked: Asked, lockAt: number): void {
  const { random, provers, market, at } = cast;
  const { request, signature } = asked;
  const { offer } = request;
  const prover = random.pick(provers);
  at(lockAt, () => [emit.RequestLocked([request.id], { prover, request, clientSignature: signature })]);
  const slash = (recipient: Buffer): void => {
    if (!happens(random, 80)) return;
    const burned = offer.lockCollateral / 2n;
    const amounts = { collateralBurned: burned, collateralTransferred: offer.lockCollateral - burned };
    const after = Number(offer.rampUpStart) + offer.timeout + 1;
    at(after, () => [emit.ProverSlashed([request.id], { ...amounts, collateralRecipient: recipient })]);
  };
  if (happens(random, DEFAULT_MIX.undelivered)) return slash(market);
  if (happens(random, DEFAULT_MIX.late)) {
    const other = random.pick(provers);
    deliver(cast, asked, { at: Number(offer.rampUpStart) + offer.lockTimeout + random.integer(1, 20), by: other });
    return slash(other);
  }
  deliverAndAgain(cast, asked, lockAt + random.integer(1, 10), prover);
}

function deliverAndAgain(cast: Cast, asked: Asked, at: number, by: Buffer): void {
  const { random, provers } = cast;
  deliver(cast, asked, { at, by });
  if (happens(random, DEFAULT_MIX.redeliver)) {
    deliver(cast, asked, { at: at + random.integer(2, 15), by: random.pick(provers), isAgain: true });
  }
}

function deliver(
  cast: Cast,
  { request, digest }: Asked,
  { at, by, isAgain = false }: { readonly at: number; readonly by: Buffer; readonly isAgain?: boolean },
): void {
  const { random } = cast;
  const { callback } = request.requirements;
  const fails = callback.gasLimit > 0n && happens(random, 67);
  const withdraws = happens(random, 12);
  cast.at(at, () => [
    ...(isAgain ? [] : [emit.RequestFulfilled([request.id, by], { requestDigest: digest })]),
    emit.ProofDelivered([request.id, by], { fulfillment: makeFulfillment(random, request.id, digest) }),
    ...(fails ? [emit.CallbackFailed([request.id], { callback: callback.addr, error: random.bytes(100) })] : []),
    ...(withdraws ? [emit.Withdrawal([by], { value: request.offer.minPrice + 1n })] : []),
  ]);
}

function makeFulfillment(
  random: Random,
  id: bigint,
  requestDigest: Buffer,
): Parameters<typeof emit.ProofDelivered>[1]["fulfillment"] {
  const fulfillmentDataType = random.pick([0, 1]);
  return {
    id,
    requestDigest,
    claimDigest: random.bytes(32),
    fulfillmentDataType,
    fulfillmentData: fulfillmentDataType === 0 ? Buffer.alloc(0) : random.bytes(96 + random.integer(0, 12) * 32),
    seal: random.bytes(random.pick([4, 36, 260])),
  };
}
