// Recomputes the statuses that a batch of blocks may have changed, by its events or by the time that passed.
import type { PoolClient } from "@tidegate/postgres";
import { packWords } from "../store/packed-words.ts";
import { REFRESH_STATUSES } from "./refresh-statuses-sql.ts";

export interface RefreshInput {
  /** Named by an event of the batch, or by the order stream. */
  readonly digests: readonly Buffer[];
  /** 32 bytes each. */
  readonly slashedIds?: readonly Buffer[];
  /** Of the slashed ids, those digests that are not to be touched. */
  readonly except?: readonly Buffer[];
  /** Chain time of the block before the batch; undefined when nothing was stored before. */
  readonly previousTime: bigint | undefined;
  /** Chain time of the batch's last block: "now" for every rule. */
  readonly time: bigint;
}

/** Runs within the batch's transaction, after its rows are stored; returns how many statuses changed. */
export async function refreshStatuses(client: PoolClient, input: RefreshInput): Promise<number> {
  const { digests, slashedIds = [], except = [], previousTime, time } = input;
  const packed = [digests, slashedIds, except].map(packWords);
  const result = await client.query(REFRESH_STATUSES, [...packed, previousTime ?? null, time]);
  return result.rowCount ?? 0;
}
