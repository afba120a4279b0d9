// Releases side by side: the newest decides what may begin, so that nothing begins that nobody will finish.
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { ReleaseOutdated } from "../errors/executor-errors.ts";
import { RunVersionGone } from "../errors/run-errors.ts";
import { LOCK_CLASS } from "./executor-lock.ts";

const KEY = "hashtextextended('tidegate_engine.releases', 0)";

const IS_ALIVE = `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid::bigint = ${LOCK_CLASS} AND objid::bigint = e.number)`;

/** In the transaction in which a new executor, which has shown what it has, looks for runs that it lacks: waits for beginnings on their way. */
export async function holdBeginnings(client: PoolClient): Promise<void> {
  await queryRows(client, `SELECT pg_advisory_xact_lock(${KEY})`);
}

/**
 * In the transaction around the beginning of a run. An executor that came later, has the operation and does not have this version is the
 * release that replaces this one: what began here now would be stranded when this one is stopped. Throws ReleaseOutdated.
 */
export async function assertNotOutdated(
  client: PoolClient,
  run: { readonly operation: string; readonly version: number; readonly executorNumber: bigint },
): Promise<void> {
  await queryRows(client, `SELECT pg_advisory_xact_lock_shared(${KEY})`);
  const { operation, version } = run;
  const [newer] = await queryRows<{ id: string }>(
    client,
    `SELECT id FROM tidegate_engine.executors e
      WHERE number > $1 AND $2 || '@' || $3 <> ALL (operations)
        AND EXISTS (SELECT FROM unnest(operations) AS o WHERE split_part(o, '@', 1) = $2)
        AND ${IS_ALIVE}
      ORDER BY number DESC LIMIT 1`,
    [run.executorNumber, operation, String(version)],
  );
  if (newer !== undefined) throw new ReleaseOutdated({ operation, version, newer: newer.id });
}

/**
 * In the transaction around the retry of a run, which keeps its version: the newest executor that has the operation must have that version,
 * or the run would wait for a release that is gone, or going. Throws RunVersionGone.
 */
export async function assertFinishable(
  client: PoolClient,
  run: { readonly runId: string; readonly operation: string; readonly version: number },
): Promise<void> {
  await queryRows(client, `SELECT pg_advisory_xact_lock_shared(${KEY})`);
  const { operation, version } = run;
  const [newest] = await queryRows<{ id: string; has_it: boolean }>(
    client,
    `SELECT id, $1 || '@' || $2 = ANY (operations) AS has_it FROM tidegate_engine.executors e
      WHERE EXISTS (SELECT FROM unnest(operations) AS o WHERE split_part(o, '@', 1) = $1) AND ${IS_ALIVE}
      ORDER BY number DESC LIMIT 1`,
    [operation, String(version)],
  );
  if (newest?.has_it !== true) throw new RunVersionGone(run);
}
