// Two answers about the logs of one block.
import type { RpcLog } from "@tidegate/chain";
import { MARKET_TOPICS } from "../decode/abi.ts";
import { InconsistentAnswers } from "../errors.ts";
import type { BlockRange, FetchedLog } from "../types.ts";

/** Whether eth_getLogs, as the indexer asks it, would give this log. */
export function isOfMarket(log: RpcLog, marketAddress: string): boolean {
  return log.address === marketAddress && MARKET_TOPICS.some((topic) => topic === log.topics[0]);
}

/** Throws InconsistentAnswers unless both are the same, byte for byte; each in the order of the log indexes. */
export function checkSameLogs(
  range: BlockRange,
  number: bigint,
  came: readonly FetchedLog[],
  again: readonly FetchedLog[],
): void {
  if (came.length === again.length && came.every((log, index) => isSame(log, again[index]))) return;
  const reason = `eth_getLogs gave ${came.length} logs of block ${number}, and a second look ${again.length}, or others`;
  throw new InconsistentAnswers({ ...range, reason });
}

function isSame(log: FetchedLog, other: FetchedLog | undefined): boolean {
  return (
    other !== undefined &&
    log.blockHash === other.blockHash &&
    log.logIndex === other.logIndex &&
    log.transactionHash === other.transactionHash &&
    log.transactionIndex === other.transactionIndex &&
    log.data.equals(other.data) &&
    log.topics.join() === other.topics.join()
  );
}
