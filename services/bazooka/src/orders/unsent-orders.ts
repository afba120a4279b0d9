// Every order that a run could not send, with the reason, in Bazooka's own record: the run's error lists only the first of them.
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import { ensureOwnSchema } from "../database/own-schema.ts";
import type { OrderProblem } from "./order-problem.ts";
import type { MessageKind } from "./to-record.ts";

/** What a run could not send of one kind of message. */
interface UnsentScope {
  readonly runId: string;
  readonly kind: MessageKind;
}

/** Lists of older runs are of no use to anybody. */
const KEPT_DAYS = 90;

/** Harmless to repeat: an order that is there again is written over. */
export async function recordUnsent(pool: Pool, scope: UnsentScope, problems: readonly OrderProblem[]): Promise<void> {
  if (problems.length === 0) return;
  await withTransaction(pool, async (client) => {
    await ensureOwnSchema(client);
    await queryRows(client, "SELECT pg_advisory_xact_lock(hashtextextended('tidegate_bazooka.unsent_orders', 0))");
    await queryRows(client, CREATE);
    await queryRows(
      client,
      `DELETE FROM tidegate_bazooka.unsent_orders WHERE found_at < now() - interval '${KEPT_DAYS} days'`,
    );
    await queryRows(client, INSERT, [
      scope.runId,
      scope.kind,
      problems.map((one) => one.orderId),
      problems.map((one) => one.problem),
    ]);
  });
}

/** For a stretch that is sent again: rows that were mended since are sent now, and no longer in the list. `after` as the stretch has it. */
export async function forgetUnsent(
  pool: Pool,
  { runId, kind }: UnsentScope,
  { after }: { readonly after: string | null },
): Promise<void> {
  const [table] = await queryRows<{ there: boolean }>(
    pool,
    "SELECT to_regclass('tidegate_bazooka.unsent_orders') IS NOT NULL AS there",
  );
  if (table?.there !== true) return;
  const ofStretch = `FROM tidegate_bazooka.unsent_orders WHERE run_id = $1 AND kind = $2 AND ($3::uuid IS NULL OR order_id > $3::uuid)`;
  const of = [runId, kind, after];
  // Looked for first: a database that is only read has none, and would refuse even to delete none.
  const [one] = await queryRows(pool, `SELECT 1 ${ofStretch} LIMIT 1`, of);
  if (one !== undefined) await queryRows(pool, `DELETE ${ofStretch}`, of);
}

const CREATE = `
  CREATE TABLE IF NOT EXISTS tidegate_bazooka.unsent_orders (
    run_id text NOT NULL,
    kind text NOT NULL,
    order_id uuid NOT NULL,
    problem text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, kind, order_id)
  )`;

const INSERT = `
  INSERT INTO tidegate_bazooka.unsent_orders (run_id, kind, order_id, problem)
  SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[])
  ON CONFLICT (run_id, kind, order_id) DO UPDATE SET problem = excluded.problem, found_at = excluded.found_at`;
