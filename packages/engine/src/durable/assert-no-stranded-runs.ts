// A release is not started over runs in flight that it could not finish.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { RunsOfOtherVersions } from "../errors/executor-errors.ts";
import { operationId, type AnyOperation } from "../operation/operation.ts";

export interface Answerable {
  readonly operations: readonly AnyOperation[];
  /** Whether runs of operations that it does not have at all are its matter. */
  readonly answersForAll: boolean;
}

/** DBOS adds the column that runs carry their operation in; while another executor's launch has not come so far, there are no runs. */
const HAS_HISTORY = `SELECT EXISTS (SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('dbos.workflow_status') AND attname = 'attributes' AND NOT attisdropped) AS there`;

/** Throws RunsOfOtherVersions. Nothing to check in a database that has no history yet. */
export async function assertNoStrandedRuns(
  source: Queryable,
  { operations, answersForAll }: Answerable,
): Promise<void> {
  const [history] = await queryRows<{ there: boolean }>(source, HAS_HISTORY);
  if (history?.there !== true) return;
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
