// Recomputes statuses from all events of their requests: of those whose row does not say enough to be carried on.
import type { PoolClient } from "@tidegate/postgres";
import { packWords } from "../store/packed-words.ts";
import { REFRESH_STATUSES } from "./refresh-statuses-sql.ts";

export interface RefreshInput {
  readonly digests: readonly Buffer[];
  /** 32 bytes each: all requests of these ids. Default none. */
  readonly ids?: readonly Buffer[];
  /** Chain time of the last block: "now" for every rule. */
  readonly time: bigint;
}

/** Runs within the batch's transaction, after its rows are stored. */
export async function refreshStatuses(client: PoolClient, { digests, ids = [], time }: RefreshInput): Promise<void> {
  if (digests.length === 0 && ids.length === 0) return;
  await client.query(REFRESH_STATUSES, [packWords(digests), packWords(ids), time]);
}
