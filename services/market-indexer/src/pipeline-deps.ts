// What the pipeline and its steps work with.
import type { Clock } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import type { RangeOptions } from "./choose-range.ts";
import type { DecodeLog } from "./decode/decode-log.ts";
import type { PipelineEvent } from "./events.ts";
import type { ChainDeps } from "./fetch/fetch-batch.ts";
import type { FetchOrders } from "./fetch/order-stream.ts";
import type { RateMeter } from "./rate-meter.ts";
import type { BatchStore } from "./store/store-batch.ts";
import type { WriterLock } from "./store/writer-lock.ts";

export interface PipelineDeps {
  readonly chain: ChainDeps;
  readonly pool: Pool;
  readonly lock: WriterLock;
  readonly decodeLog: DecodeLog;
  readonly store: BatchStore;
  /** Undefined where no order stream is configured. */
  readonly fetchOrders: FetchOrders | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted to stop: the batch in hand is finished or dropped, never half stored. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: PipelineEvent) => void;
}

export interface PipelineOptions extends RangeOptions {
  /** Between two looks at the head, when all of it is stored. */
  readonly intervalMs: number;
  /** Failures in a row that are tried again. */
  readonly retries: number;
  /** Blocks before the head that may still be reorganised. */
  readonly reorgDepth: number;
}

/** What was stored since the start. */
export interface Counted {
  events: number;
  readonly rate: RateMeter;
}
