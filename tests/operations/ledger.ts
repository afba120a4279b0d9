// The ground truth of rehearsals: what was written, by whom, under which token, and what the journal says was completed when.
import type { Pool } from "@tidegate/postgres";

interface LedgerRow {
  readonly run_id: string;
  readonly step: string;
  readonly rows: number;
  readonly tokens: number;
  readonly latest: Date;
  readonly recorded: Date | null;
}

/** Everything that must never be in the ledger; empty when all is well. */
export async function ledgerFaults(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<LedgerRow>(`
    SELECT l.run_id, l.step, count(*)::int AS rows, count(DISTINCT l.fence)::int AS tokens, max(l.at) AS latest,
           (SELECT to_timestamp(max(o.completed_at_epoch_ms) / 1000.0) FROM dbos.operation_outputs o
             WHERE o.workflow_uuid = l.run_id AND o.function_name IN ('step:' || l.step, l.step)) AS recorded
      FROM rehearsal.ledger l GROUP BY l.run_id, l.step`);
  const perStep = rows.flatMap((row) => {
    const where = `${row.run_id} ${row.step}`;
    return [
      // A step in flight may run twice, but each time under a token of its own.
      ...(row.rows === row.tokens ? [] : [`${where}: ${row.rows} rows under ${row.tokens} tokens`]),
      ...(row.recorded === null ? [`${where}: never recorded`] : []),
      // 2 ms for the rounding of the journal's times.
      ...(row.recorded !== null && row.latest.getTime() > row.recorded.getTime() + 2
        ? [`${where}: written again after it was completed`]
        : []),
    ];
  });
  const stale = await pool.query<{ run_id: string }>(`
    SELECT DISTINCT run_id FROM (SELECT run_id, fence, max(fence) OVER (PARTITION BY run_id ORDER BY id) AS highest FROM rehearsal.ledger) x
     WHERE fence < highest`);
  return [...perStep, ...stale.rows.map((row) => `${row.run_id}: written under a stale token`)];
}

/** Rows that show a step that was in flight when its executor was killed, and ran twice. */
export async function doubledSteps(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM (SELECT 1 FROM rehearsal.ledger GROUP BY run_id, step HAVING count(*) > 1) x",
  );
  return rows[0]?.n ?? 0;
}
