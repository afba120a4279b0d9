// What /health and /metrics show, kept up by the indexer's events.
import { describeError } from "@tidegate/kernel";
import { MARKET_EVENT_NAMES, type MarketEventName } from "../decode/abi.ts";
import { InconsistentAnswers, ParentDiffers } from "../errors.ts";
import type { IndexerEvent, Progress } from "../events.ts";
import type { Standing } from "../store/standing.ts";

export interface IndexerState {
  /**
   * "starting" until chain, database and lock are as they must be; "retrying" while the last try failed, or the endpoint's head stays before
   * what is stored.
   */
  readonly status: "starting" | "healthy" | "retrying";
  /** Undefined before the first look at the head. */
  readonly progress: Progress | undefined;
  readonly chainId: bigint | undefined;
  readonly eventsByName: ReadonlyMap<MarketEventName, number>;
  readonly batches: number;
  readonly offchainRequests: number;
  readonly refusedOrders: number;
  readonly retries: number;
  /** Answers of endpoints that contradicted others, and were not stored. */
  readonly refusedAnswers: number;
  /** Undefined before the first look at the database. */
  readonly standing: Standing | undefined;
  /** Since the start. */
  readonly reorgsUndone: number;
  readonly gapsFilled: number;
  /** Of the last try, while it is being tried again. */
  readonly lastError: string | undefined;
}

export interface IndexerStateKeeper {
  readonly apply: (event: IndexerEvent) => void;
  readonly current: () => IndexerState;
}

export function createIndexerState(): IndexerStateKeeper {
  let state: IndexerState = {
    status: "starting",
    progress: undefined,
    chainId: undefined,
    eventsByName: new Map(MARKET_EVENT_NAMES.map((name) => [name, 0])),
    batches: 0,
    offchainRequests: 0,
    refusedOrders: 0,
    retries: 0,
    refusedAnswers: 0,
    standing: undefined,
    reorgsUndone: 0,
    gapsFilled: 0,
    lastError: undefined,
  };
  return {
    apply: (event) => {
      state = { ...state, ...changeOf(state, event) };
    },
    current: () => state,
  };
}

function changeOf(state: IndexerState, event: IndexerEvent): Partial<IndexerState> {
  switch (event.code) {
    case "indexer.started":
      return { status: "healthy", chainId: event.chainId };
    case "indexer.progress":
      return { status: "healthy", lastError: undefined, progress: event };
    case "indexer.batch-stored":
      return {
        batches: state.batches + 1,
        offchainRequests: state.offchainRequests + event.offchainRequests,
        // Counted on between two looks at the tables: a long history is stored without one.
        standing: state.standing && {
          ...state.standing,
          deadLetters: state.standing.deadLetters + BigInt(event.deadLetters),
        },
        eventsByName: addCounts(state.eventsByName, event.events),
      };
    case "indexer.retrying":
      return {
        status: "retrying",
        retries: state.retries + 1,
        refusedAnswers: state.refusedAnswers + (isContradiction(event.error) ? 1 : 0),
        lastError: describeError(event.error),
      };
    case "indexer.standing":
      return { standing: event };
    case "indexer.reorg-undone":
      return { reorgsUndone: state.reorgsUndone + 1 };
    case "indexer.gap-filled":
      return { gapsFilled: state.gapsFilled + 1 };
    case "order-stream.order-refused":
      return { refusedOrders: state.refusedOrders + 1 };
    case "indexer.node-behind":
      return event.error === undefined ? {} : { status: "retrying", lastError: describeError(event.error) };
    case "migration.applying":
    case "migration.applied":
    case "postgres.idle-connection-lost":
    case "rpc.retrying":
    case "rpc.endpoint-resting":
    case "rpc.endpoint-back":
    case "rpc.batch-limited":
    case "rpc.range-limited":
      return {};
  }
}

function isContradiction(error: Error): boolean {
  return error instanceof InconsistentAnswers || error instanceof ParentDiffers;
}

function addCounts(
  sums: ReadonlyMap<MarketEventName, number>,
  counts: ReadonlyMap<MarketEventName, number>,
): ReadonlyMap<MarketEventName, number> {
  return new Map([...sums].map(([name, sum]) => [name, sum + (counts.get(name) ?? 0)]));
}
