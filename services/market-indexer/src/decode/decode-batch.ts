// From a fetched batch to its events, and to what is none.
import { InconsistentAnswers, LogUndecodable } from "../errors.ts";
import { inTurns } from "../in-turns.ts";
import type { DeadLetter, FetchedBatch, FetchedLog, MarketEvent } from "../types.ts";
import type { DecodeLog } from "./decode-log.ts";

export interface DecodedBatch {
  /** In chain order. */
  readonly events: readonly MarketEvent[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Decodes every log; one that is no event of the market is set aside with its reason, and never dropped. */
export async function decodeBatch(batch: FetchedBatch, decodeLog: DecodeLog): Promise<DecodedBatch> {
  const events: MarketEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  await inTurns(batch.logs, (log) => {
    const blockTimestamp = batch.headers.get(log.blockNumber)?.timestamp;
    if (blockTimestamp === undefined) {
      throw new InconsistentAnswers({ ...batch.range, reason: `block ${log.blockNumber} has a log and no header` });
    }
    const decoded = decodeOrSetAside(decodeLog, log, blockTimestamp);
    if ("reason" in decoded) deadLetters.push(decoded);
    else events.push(decoded);
  });
  return { events, deadLetters };
}

/** The event, or the dead letter that the log is. */
export function decodeOrSetAside(
  decodeLog: DecodeLog,
  log: FetchedLog,
  blockTimestamp: bigint,
): MarketEvent | DeadLetter {
  try {
    return decodeLog(log, blockTimestamp);
  } catch (error) {
    if (!(error instanceof LogUndecodable)) throw error;
    return { log, blockTimestamp, event: error.event, reason: error.reason };
  }
}
