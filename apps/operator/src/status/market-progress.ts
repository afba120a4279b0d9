// The market's progress, put together from what the database holds and what the indexer reports.
import type { MarketProgress } from "@tidegate/contract";
import type { IndexerReport } from "./indexer-report.ts";
import type { StoredProgress } from "./stored-progress.ts";

/** Either source may be missing; `detail` says which, and null fields are what only it knows. */
export function marketProgress(stored: StoredProgress | undefined, report: IndexerReport | undefined): MarketProgress {
  const head = report?.head ?? null;
  return {
    chainId: stored === undefined ? null : stored.chainId.toString(),
    head: head === null ? null : head.toString(),
    indexedBlock: stored === undefined ? null : stored.block.toString(),
    indexedAt: stored === undefined ? null : new Date(Number(stored.blockTimestamp) * 1_000).toISOString(),
    lagBlocks: stored === undefined || head === null ? null : lag(head, stored.block),
    eventsPerSecond: report?.eventsPerSecond ?? null,
    detail: detailOf(stored, report),
  };
}

/** The head was read before the database: a batch stored in between is no negative lag. */
function lag(head: bigint, indexed: bigint): number {
  return head > indexed ? Number(head - indexed) : 0;
}

function detailOf(stored: StoredProgress | undefined, report: IndexerReport | undefined): string | null {
  if (stored === undefined && report === undefined) return "Neither the database nor the indexer tells its progress.";
  if (stored === undefined) return "The database holds no progress yet.";
  if (report === undefined) return "The indexer does not report; the chain's head is not known.";
  return null;
}
