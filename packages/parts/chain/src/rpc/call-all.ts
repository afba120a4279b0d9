// A batch whose calls are worth nothing alone.
import type { RpcCall } from "./rpc-call.ts";
import type { RpcClient } from "./rpc-client.ts";

/** The values in the order of the calls; throws the first error. */
export async function callAll<T>(
  client: RpcClient,
  calls: readonly RpcCall<T>[],
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const outcomes = await client.batch(calls, { signal });
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  });
}
