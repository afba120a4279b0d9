// What the events of one batch say about requests, by digest and by request id; gathered while their rows are written.
import type { ProofRequest } from "../decode/abi.ts";
import type { MarketEvent } from "../types.ts";

interface Happening {
  readonly blockNumber: bigint;
  readonly txHash: Buffer;
  /** Unix seconds. */
  readonly time: bigint;
}

export interface DigestFacts {
  readonly digest: Buffer;
  /** The first of each kind; events come in chain order. */
  submitted: Happening | undefined;
  locked: (Happening & { readonly prover: Buffer; readonly offer: ProofRequest["offer"] }) | undefined;
  fulfilled: (Happening & { readonly prover: Buffer }) | undefined;
  /** Deliveries, in chain order. */
  readonly delivered: { readonly prover: Buffer; readonly time: bigint }[];
  /** Time of the last event. */
  lastAt: bigint;
}

export interface SlashFacts {
  readonly first: Happening & {
    readonly recipient: Buffer;
    readonly transferred: bigint;
    readonly burned: bigint;
  };
  lastAt: bigint;
}

export interface BatchFacts {
  /** By `keyOf(digest)`: all that an event names. */
  readonly digests: ReadonlyMap<string, DigestFacts>;
  /** By request id: those that were slashed. */
  readonly slashes: ReadonlyMap<bigint, SlashFacts>;
}

export interface FactsGatherer extends BatchFacts {
  /** In chain order. */
  readonly add: (event: MarketEvent) => void;
}

/** A digest as the key of a map. */
export const keyOf = (digest: Buffer): string => digest.toString("latin1");
export const digestOfKey = (key: string): Buffer => Buffer.from(key, "latin1");

export function createFactsGatherer(): FactsGatherer {
  const digests = new Map<string, DigestFacts>();
  const slashes = new Map<bigint, SlashFacts>();
  const about = (digest: Buffer): DigestFacts => {
    const key = keyOf(digest);
    let facts = digests.get(key);
    if (facts === undefined) {
      facts = { digest, submitted: undefined, locked: undefined, fulfilled: undefined, delivered: [], lastAt: 0n };
      digests.set(key, facts);
    }
    return facts;
  };
  return { digests, slashes, add: (event) => addEvent(event, about, slashes) };
}

function addEvent(event: MarketEvent, about: (digest: Buffer) => DigestFacts, slashes: Map<bigint, SlashFacts>): void {
  const { blockNumber, txHash, blockTimestamp: time } = event.place;
  const happening = { blockNumber, txHash, time };
  switch (event.name) {
    case "RequestSubmitted": {
      const facts = about(event.digest);
      facts.submitted ??= happening;
      facts.lastAt = time;
      return;
    }
    case "RequestLocked": {
      const facts = about(event.digest);
      facts.locked ??= { ...happening, prover: event.args.prover, offer: event.args.request.offer };
      facts.lastAt = time;
      return;
    }
    case "RequestFulfilled": {
      const facts = about(event.args.requestDigest);
      facts.fulfilled ??= { ...happening, prover: event.args.prover };
      facts.lastAt = time;
      return;
    }
    case "ProofDelivered": {
      const facts = about(event.args.fulfillment.requestDigest);
      facts.delivered.push({ prover: event.args.prover, time });
      facts.lastAt = time;
      return;
    }
    case "ProverSlashed": {
      const { requestId, collateralRecipient, collateralTransferred, collateralBurned } = event.args;
      const there = slashes.get(requestId);
      if (there !== undefined) there.lastAt = time;
      else {
        const amounts = { transferred: collateralTransferred, burned: collateralBurned };
        slashes.set(requestId, { first: { ...happening, recipient: collateralRecipient, ...amounts }, lastAt: time });
      }
      return;
    }
    // They change no status.
    case "CallbackFailed":
    case "Deposit":
    case "Withdrawal":
    case "CollateralDeposit":
    case "CollateralWithdrawal":
      return;
    default:
      return event satisfies never;
  }
}
