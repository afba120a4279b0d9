// Calls to the anvil behind the gate. Nothing is tried again here: a second evm_mine would be a second block.
import { createRpcClient } from "../rpc/rpc-client.ts";

interface NodeCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface NodeRpc {
  call<T>(method: string, params: readonly unknown[]): Promise<T>;
  /** All answers, in the order of the calls; the first failure is thrown. */
  batch<T>(calls: readonly NodeCall[]): Promise<T[]>;
  close(): Promise<void>;
}

/** A hung anvil is noticed after this; a snapshot of a long chain takes seconds. */
const CALL_LIMIT_MS = 30_000;

export function connectNode(port: number): NodeRpc {
  const client = createRpcClient({
    urls: [`http://127.0.0.1:${port}`],
    requestTimeoutMs: CALL_LIMIT_MS,
    maxBatch: 1_000,
    restMs: 0,
    retry: { attempts: 1 },
  });
  return {
    // Our own node on our own machine: its answers have the form that the pinned version of anvil gives them.
    call: async <T>(method: string, params: readonly unknown[]) => (await client.call(method, params)) as T,
    batch: async <T>(calls: readonly NodeCall[]) => {
      const outcomes = await client.batch(calls);
      return outcomes.map((outcome) => {
        if (!outcome.ok) throw outcome.error;
        return outcome.value as T;
      });
    },
    close: () => client.close(),
  };
}
