// All logs of whole blocks, out of their receipts (eth_getBlockReceipts): they can be held against the header's bloom exactly.
import { callAll } from "./call-all.ts";
import type { BlockPlace } from "./get-logs-of-blocks.ts";
import { orNull, parseHash, parseList, parseObject } from "./parse.ts";
import { parseLog, type RpcLog } from "./parse-logs.ts";
import type { RpcClient } from "./rpc-client.ts";

/** In the order of the blocks, each one's logs by log index; null for a block that the endpoint does not have, or has another of. */
export async function getReceiptLogs(deps: {
  readonly client: RpcClient;
  readonly blocks: readonly BlockPlace[];
  readonly signal?: AbortSignal | undefined;
}): Promise<(readonly RpcLog[] | null)[]> {
  const calls = deps.blocks.map((block) => ({
    method: "eth_getBlockReceipts",
    params: [block.number],
    parse: orNull((result) => logsOf(parseList(result, "the receipts"), block)),
  }));
  return callAll(deps.client, calls, deps.signal);
}

function logsOf(receipts: readonly unknown[], block: BlockPlace): readonly RpcLog[] | null {
  const logs: RpcLog[] = [];
  for (const item of receipts) {
    const receipt = parseObject(item, "the receipt");
    if (parseHash(receipt["blockHash"], "the receipt's blockHash") !== block.hash) return null;
    for (const log of parseList(receipt["logs"], "the receipt's logs")) logs.push(parseLog(log));
  }
  return logs.toSorted((left, right) => left.logIndex - right.logIndex);
}
