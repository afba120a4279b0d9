// A release is not started over runs in flight that it could not finish.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { RunsOfOtherVersions } from "../errors/executor-errors.ts";
import { operationId, type AnyOperation } from "../operation/operation.ts";

export interface Answerable {
  readonly operations: readonly AnyOperation[];
  /** Whether runs of operations that it does not have at all are its matter. */
  readonly answersForAll: boolean;
}

/** Throws RunsOfOtherVersions. Nothing to check in a database that has no history yet. */
export async function assertNoStrandedRuns(
  source: Queryable,
  { operations, answersForAll }: Answerable,
): Promise<void> {
  const [there] = await queryRows<{ there: boolean }>(
    source,
    "SELECT to_regclass('dbos.workflow_status') IS NOT NULL AS there",
  );
  if (there?.there !== true) return;
  const known = operations.map(operationId);
  const runs = await queryRows<{ id: string; operation: string }>(
    source,
    `SELECT workflow_uuid AS id, (attributes ->> 'operation') || '@' || (attributes ->> 'version') AS operation FROM dbos.workflow_status
      WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED') AND (attributes ->> 'operation') || '@' || (attributes ->> 'version') <> ALL ($1)
        AND ($2 OR attributes ->> 'operation' = ANY ($3))
      ORDER BY created_at`,
    [known, answersForAll, operations.map((one) => one.name)],
  );
  if (runs.length > 0) throw new RunsOfOtherVersions({ runs, known });
}
