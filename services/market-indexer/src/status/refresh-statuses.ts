// Recomputes the statuses that a batch of blocks may have changed, by its events or by the time that passed.
import type { PoolClient } from "@tidegate/postgres";
import type { BlockRange } from "../types.ts";
import { REFRESH_STATUSES } from "./refresh-statuses-sql.ts";

export interface RefreshInput {
  readonly range: BlockRange;
  /** Chain time of the block before the range; undefined when nothing was stored before. */
  readonly previousTime: bigint | undefined;
  /** Chain time of the range's last block: "now" for every rule. */
  readonly time: bigint;
  /** Digests to recompute besides those with events in the range: off-chain requests. */
  readonly digests: readonly Buffer[];
}

/** Runs within the batch's transaction, after its rows are stored; returns how many statuses changed. */
export async function refreshStatuses(client: PoolClient, input: RefreshInput): Promise<number> {
  const { range, previousTime, time, digests } = input;
  const result = await client.query(REFRESH_STATUSES, [range.from, range.to, previousTime ?? null, time, digests]);
  return result.rowCount ?? 0;
}
