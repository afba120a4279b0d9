// Deletes a stage's earlier rows. They are gone.
import type { StepContext } from "@tidegate/engine";
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";

/** Gives the number of deleted rows. */
export async function clearStage(pool: Pool, step: StepContext, stage: string): Promise<bigint> {
  return withTransaction(pool, async (client) => {
    await step.fence.check(client);
    const rows = await queryRows(
      client,
      "DELETE FROM rehearsal.ledger WHERE stage = $1 AND run_id <> $2 RETURNING id",
      [stage, step.runId],
    );
    return BigInt(rows.length);
  });
}
