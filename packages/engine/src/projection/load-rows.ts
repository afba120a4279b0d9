// Reads rows back as the projector keeps them.
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { RunRow, RunRows, StepRow } from "./rows.ts";

/** By run id; runs that are not there are left out. */
export async function loadRows(source: Queryable, runIds: readonly string[]): Promise<ReadonlyMap<string, RunRows>> {
  if (runIds.length === 0) return new Map();
  // to_jsonb gives times as ISO text, as rows have them.
  const runs = await queryRows<{ row: RunRow }>(
    source,
    "SELECT to_jsonb(r) AS row FROM tidegate_engine.runs r WHERE id = ANY($1)",
    [runIds],
  );
  const steps = await queryRows<{ row: StepRow }>(
    source,
    "SELECT to_jsonb(s) AS row FROM tidegate_engine.steps s WHERE run_id = ANY($1) ORDER BY position",
    [runIds],
  );
  const byRun = Map.groupBy(steps, ({ row }) => row.run_id);
  return new Map(
    runs.map(({ row }) => [
      row.id,
      { run: row, steps: new Map((byRun.get(row.id) ?? []).map((step) => [step.row.name, step.row])) },
    ]),
  );
}
