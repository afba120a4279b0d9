// A release is not started over runs in flight that it could not finish.
import { queryRows, type Pool } from "@tidegate/postgres";
import { RunsOfOtherVersions } from "../errors/executor-errors.ts";
import { operationId, type AnyOperation } from "../operation/operation.ts";

/** Throws RunsOfOtherVersions. Nothing to check in a database that has no history yet. */
export async function assertNoStrandedRuns(pool: Pool, operations: readonly AnyOperation[]): Promise<void> {
  const [there] = await queryRows<{ there: boolean }>(
    pool,
    "SELECT to_regclass('dbos.workflow_status') IS NOT NULL AS there",
  );
  if (there?.there !== true) return;
  const known = operations.map(operationId);
  const runs = await queryRows<{ id: string; operation: string }>(
    pool,
    `SELECT workflow_uuid AS id, (attributes ->> 'operation') || '@' || (attributes ->> 'version') AS operation FROM dbos.workflow_status
      WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED') AND (attributes ->> 'operation') || '@' || (attributes ->> 'version') <> ALL ($1)
      ORDER BY created_at`,
    [known],
  );
  if (runs.length > 0) throw new RunsOfOtherVersions({ runs, known });
}
