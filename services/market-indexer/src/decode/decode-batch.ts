// From a fetched batch to its events.
import { InconsistentAnswers } from "../errors.ts";
import type { FetchedBatch, MarketEvent } from "../types.ts";
import type { DecodeLog } from "./decode-log.ts";

/** Decodes every log, in chain order; throws LogUndecodable on the first that is no event of the market. */
export function decodeBatch(batch: FetchedBatch, decodeLog: DecodeLog): MarketEvent[] {
  return batch.logs.map((log) => {
    const header = batch.headers.get(log.blockNumber);
    if (header === undefined) {
      throw new InconsistentAnswers({ ...batch.range, reason: `block ${log.blockNumber} has a log and no header` });
    }
    return decodeLog(log, header.timestamp);
  });
}
