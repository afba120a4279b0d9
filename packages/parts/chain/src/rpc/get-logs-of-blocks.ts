// eth_getLogs by block hash (EIP-234): the endpoint says that it does not know the block, where by number it says nothing.
import { RpcBlockTooLarge, RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { checkLogs, parseLogs, type RpcLog } from "./parse-logs.ts";
import type { RpcClient } from "./rpc-client.ts";
import { hasSameResult, scanLogs, type WrittenLogs } from "./scan-logs.ts";

export interface BlockPlace {
  readonly number: bigint;
  readonly hash: string;
}

/**
 * The logs of each block, in the order of the blocks. Throws RpcBlockTooLarge, and what `client.call` throws, also for a block that is not
 * known.
 */
export async function getLogsOfBlocks(deps: {
  readonly client: RpcClient;
  readonly address: string;
  readonly topics: readonly (readonly string[] | null)[];
  readonly blocks: readonly BlockPlace[];
  /** An earlier answer about the one block: where the same comes again, its logs are given again. */
  readonly known?: WrittenLogs | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<RpcLog[][]> {
  const addresses = [deps.address.toLowerCase()];
  const calls = deps.blocks.map(({ number, hash }) => {
    const question = { addresses, topics: deps.topics, fromBlock: number, toBlock: number };
    return {
      method: "eth_getLogs",
      params: [{ blockHash: hash, address: addresses, topics: deps.topics }],
      parse: (result: unknown) => ofBlock(parseLogs(result, question), hash),
      scan: (body: Buffer, id: number) => {
        if (deps.known !== undefined && hasSameResult(body, id, deps.known.raw)) return ofBlock(deps.known.logs, hash);
        const scanned = scanLogs(body, id);
        return scanned === undefined ? undefined : ofBlock(checkLogs(scanned.logs, question), hash);
      },
    };
  });
  const outcomes = await deps.client.batch(calls, { signal: deps.signal });
  return outcomes.map((outcome, index) => {
    if (outcome.ok) return outcome.value;
    const block = deps.blocks[index]?.number ?? 0n;
    throw outcome.error instanceof RpcRangeTooLarge
      ? new RpcBlockTooLarge({ block, cause: outcome.error })
      : outcome.error;
  });
}

function ofBlock(logs: RpcLog[], hash: string): RpcLog[] {
  const strange = logs.find((log) => log.blockHash !== hash);
  if (strange !== undefined) throw new TypeError(`a log of ${strange.blockHash} came for block ${hash}`);
  return logs;
}
