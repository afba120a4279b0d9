// What a client tells its host. URLs are redacted; parameters are never in here.
import type { TidegateError } from "@tidegate/kernel";

export type RpcEvent =
  /** All endpoints failed; the calls are tried again after a wait. */
  | {
      readonly code: "rpc.retrying";
      readonly method: string;
      readonly attempt: number;
      readonly waitMs: number;
      readonly error: TidegateError;
    }
  /** An endpoint failed and rests; another one is used meanwhile, if there is one. */
  | {
      readonly code: "rpc.endpoint-resting";
      readonly url: string;
      readonly restMs: number;
      readonly error: TidegateError;
    }
  /** An endpoint that rested works again. */
  | { readonly code: "rpc.endpoint-back"; readonly url: string }
  /** An endpoint refuses batches of the size sent; from now on it gets smaller ones, or single calls. */
  | { readonly code: "rpc.batch-limited"; readonly url: string; readonly maxBatch: number }
  /** eth_getLogs was refused for its range; from now on it asks for fewer blocks. */
  | { readonly code: "rpc.range-limited"; readonly maxBlocks: bigint };
