// Looks at the stage; reads only.
import { queryRows, type Pool } from "@tidegate/postgres";
import type { RehearsalInput, StageObservation } from "../../types.ts";

export async function observeStage(pool: Pool, { stage }: RehearsalInput): Promise<StageObservation> {
  const [table] = await queryRows<{ there: boolean }>(
    pool,
    "SELECT to_regclass('rehearsal.ledger') IS NOT NULL AS there",
  );
  if (table?.there !== true) return { isPrepared: false, rows: 0n, sum: 0n };
  const [row] = await queryRows<{ rows: bigint; sum: string }>(
    pool,
    "SELECT count(*) AS rows, COALESCE(sum(amount), 0)::text AS sum FROM rehearsal.ledger WHERE stage = $1",
    [stage],
  );
  return { isPrepared: true, rows: row?.rows ?? 0n, sum: BigInt(row?.sum ?? 0) };
}
