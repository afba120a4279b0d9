// A call and its outcome, as callers see them.
import type { TidegateError } from "@tidegate/kernel";

export interface RpcCall<T = unknown> {
  readonly method: string;
  /** JSON; a bigint in it is sent as a quantity ("0x1f"). */
  readonly params: readonly unknown[];
  /** From the result to a checked value; whatever it throws makes the answer a bad one, which is asked for again. */
  readonly parse?: (result: unknown) => T;
  /**
   * For a call sent alone whose answer is large: the same value out of the bytes of the answer to this id; undefined where JSON.parse is to
   * read it, as whatever is not a usual answer. Throws as `parse` does.
   */
  readonly scan?: (body: Buffer, id: number) => T | undefined;
  /** Whether sending it twice does no harm. Default: by the method; readings are, `eth_send…`, `evm_…` are not. */
  readonly isRepeatable?: boolean;
}

export type RpcOutcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: TidegateError };

/** eth_getFilterChanges forgets what it gave, eth_getWork hands out work: they read only by name. */
const READINGS =
  /^(?:eth_(?!getFilterChanges|getWork)(?:get|call|block|chainId|estimate|feeHistory|gasPrice|max|blob|syncing|accounts|create)|net_|web3_|debug_trace|trace_|txpool_|rpc_)/;

/** Whether the call may be sent again when it is not known whether it was done. */
export function isRepeatable(call: RpcCall): boolean {
  return call.isRepeatable ?? READINGS.test(call.method);
}
