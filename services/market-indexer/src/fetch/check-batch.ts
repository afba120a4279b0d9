// Whether the answers about one range belong together: logs, headers and transactions come by different calls.
import { InconsistentAnswers } from "../errors.ts";
import type { FetchedBatch, FetchedLog } from "../types.ts";

/** Throws InconsistentAnswers unless each log is in the block, and of the transaction, that the other answers show. */
export function checkBatch(batch: FetchedBatch): void {
  for (const log of batch.logs) {
    const reason = contradiction(batch, log);
    if (reason !== undefined) {
      throw new InconsistentAnswers({
        ...batch.range,
        reason: `log ${log.logIndex} of block ${log.blockNumber} ${reason}`,
      });
    }
  }
}

function contradiction(batch: FetchedBatch, log: FetchedLog): string | undefined {
  const header = batch.headers.get(log.blockNumber);
  if (header === undefined) return "has no header";
  if (header.hash !== log.blockHash) return `is in ${log.blockHash}, but the block is ${header.hash}`;
  const transaction = batch.transactions.get(log.transactionHash);
  if (transaction === undefined) return `has no transaction ${log.transactionHash}`;
  if (transaction.blockHash !== log.blockHash || transaction.transactionIndex !== log.transactionIndex) {
    return `is of a transaction that stands elsewhere: in ${transaction.blockHash} at ${transaction.transactionIndex}`;
  }
  return undefined;
}
