// Whether the answers about one range belong together: logs, headers and transactions come by different calls.
import { InconsistentAnswers, ParentDiffers } from "../errors.ts";
import type { BlockHeader, FetchedBatch, FetchedLog, PreviousBlock } from "../types.ts";

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

/**
 * Throws InconsistentAnswers unless each header follows on the one before it, as far as that is there; and ParentDiffers when the
 * first does not follow on the block that is stored before it.
 */
export function checkChain(headers: ReadonlyMap<bigint, BlockHeader>, previous: PreviousBlock | undefined): void {
  for (const header of headers.values()) {
    const parent = headers.get(header.number - 1n);
    if (parent !== undefined) checkFollows(parent, header);
    if (previous?.number !== header.number - 1n) continue;
    if (header.parentHash !== previous.hash) {
      throw new ParentDiffers({ stored: previous, parentHash: header.parentHash });
    }
    checkTime(previous, header);
  }
}

/** Whether two answers say the same of one block. */
export function isSameHeader(one: BlockHeader, other: BlockHeader): boolean {
  return (
    one.hash === other.hash &&
    one.parentHash === other.parentHash &&
    one.timestamp === other.timestamp &&
    one.baseFeePerGas === other.baseFeePerGas &&
    one.logsBloom === other.logsBloom
  );
}

function checkFollows(parent: BlockHeader, header: BlockHeader): void {
  const { number, parentHash } = header;
  if (parentHash !== parent.hash) {
    const reason = `the parent of block ${number} is ${parentHash}, but block ${parent.number} is ${parent.hash}`;
    throw new InconsistentAnswers({ from: parent.number, to: number, reason });
  }
  checkTime(parent, header);
}

function checkTime(parent: PreviousBlock, { number, timestamp }: BlockHeader): void {
  if (parent.timestamp === undefined || timestamp >= parent.timestamp) return;
  const reason = `block ${number} is of ${timestamp}, and its parent of ${parent.timestamp}, which is later`;
  throw new InconsistentAnswers({ from: parent.number, to: number, reason });
}

function contradiction(batch: FetchedBatch, log: FetchedLog): string | undefined {
  const header = batch.headers.get(log.blockNumber);
  if (header === undefined) return "has no header";
  if (header.hash !== log.blockHash) return `is in ${log.blockHash}, but the block is ${header.hash}`;
  const transaction = batch.transactions.get(log.transactionHash);
  if (transaction === undefined) return `has no transaction ${log.transactionHash}`;
  const { blockNumber, blockHash, transactionIndex } = transaction;
  const isThere = blockNumber === log.blockNumber && blockHash === log.blockHash;
  if (!isThere || transactionIndex !== log.transactionIndex) {
    return `is of a transaction that stands elsewhere: at ${transactionIndex} in block ${blockNumber}, ${blockHash}`;
  }
  return undefined;
}
