// From a log of the market to the event it stands for.
import { compileEventDecoder, hexToBuffer } from "@tidegate/chain";
import { LogUndecodable } from "../errors.ts";
import type { EventPlace, FetchedLog, MarketEvent } from "../types.ts";
import {
  FULFILLMENT_DATA_TYPES,
  INPUT_TYPES,
  MARKET_EVENT_NAMES,
  marketEvents,
  PREDICATE_TYPES,
  type MarketEventArgs,
  type MarketEventName,
  type ProofRequest,
} from "./abi.ts";
import type { RequestDigest } from "./request-digest.ts";

/** A log, and the time of its block in unix seconds. */
export type DecodeLog = (log: FetchedLog, blockTimestamp: bigint) => MarketEvent;

type Build = (log: FetchedLog, place: EventPlace) => MarketEvent;

/** Creates the decoder of all ten events; a log that is none of them, or says what no market can say, throws LogUndecodable. */
export function createLogDecoder(deps: { readonly digestOf: RequestDigest }): DecodeLog {
  const builders = compileBuilders(deps.digestOf);
  const nameByTopic = new Map<string, MarketEventName>(
    MARKET_EVENT_NAMES.map((name) => [marketEvents[name].topic0, name]),
  );
  return (log, blockTimestamp) => {
    const name = nameByTopic.get(log.topics[0] ?? "");
    try {
      if (name === undefined) throw new RangeError("its first topic is none of the market's.");
      const txHash = hexToBuffer(log.transactionHash);
      return builders[name](log, { blockNumber: log.blockNumber, logIndex: log.logIndex, txHash, blockTimestamp });
    } catch (cause) {
      throw new LogUndecodable({
        event: name,
        blockNumber: log.blockNumber,
        txHash: log.transactionHash,
        logIndex: log.logIndex,
        cause,
      });
    }
  };
}

/** What needs more than its ABI stands first; the others follow from the table alone. */
function compileBuilders(digestOf: RequestDigest): Record<MarketEventName, Build> {
  return {
    RequestSubmitted: builder("RequestSubmitted", (event) => {
      checkRequest(event.args.requestId, event.args.request);
      return { ...event, digest: digestOf(event.args.request) };
    }),
    RequestLocked: builder("RequestLocked", (event) => {
      checkRequest(event.args.requestId, event.args.request);
      return { ...event, digest: digestOf(event.args.request) };
    }),
    ProofDelivered: builder("ProofDelivered", (event) => {
      checkEnum("fulfillmentDataType", event.args.fulfillment.fulfillmentDataType, FULFILLMENT_DATA_TYPES);
      return event;
    }),
    RequestFulfilled: builder("RequestFulfilled", (event) => event),
    ProverSlashed: builder("ProverSlashed", (event) => event),
    CallbackFailed: builder("CallbackFailed", (event) => event),
    Deposit: builder("Deposit", (event) => event),
    Withdrawal: builder("Withdrawal", (event) => event),
    CollateralDeposit: builder("CollateralDeposit", (event) => event),
    CollateralWithdrawal: builder("CollateralWithdrawal", (event) => event),
  };
}

/** An event as its ABI gives it, before what its kind adds. */
type Bare<N extends MarketEventName> = {
  readonly name: N;
  readonly place: EventPlace;
  readonly args: MarketEventArgs<N>;
};

function builder<N extends MarketEventName>(name: N, complete: (event: Bare<N>) => MarketEvent): Build {
  const decode = compileEventDecoder<(typeof marketEvents)[N]["fields"]>(marketEvents[name]);
  return (log, place) => complete({ name, place, args: decode(log) });
}

/** Refuses a request that the market itself would not have taken: another id than the topic's, numbers outside the enums. */
function checkRequest(requestId: bigint, request: ProofRequest): void {
  if (request.id !== requestId) throw new RangeError(`its request has the id ${request.id}, its topic ${requestId}.`);
  checkEnum("predicateType", request.requirements.predicate.predicateType, PREDICATE_TYPES);
  checkEnum("inputType", request.input.inputType, INPUT_TYPES);
}

function checkEnum(field: string, value: number, names: readonly string[]): void {
  if (value >= names.length) throw new RangeError(`${field} is ${value}, at most ${names.length - 1} is possible.`);
}
