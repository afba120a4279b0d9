// Makes the projection of some runs, or of all, anew from DBOS's history.
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import type { Secret } from "@tidegate/kernel";
import { loadRows } from "../projection/load-rows.ts";
import { announce, lockEvents, storeEvents, storeRows } from "../projection/store-rows.ts";
import { SWEEP_LOCK_TIMEOUT } from "./hand-on.ts";
import { listHistory, readHistory } from "./read-history.ts";

interface RefreshDeps {
  readonly pool: Pool;
  readonly secrets: readonly Secret[];
}

/** Runs whose history is in memory at a time. */
const CHUNK = 10;
/** The server ends a transaction after five seconds without a statement, and a long history takes longer to read. */
const AWAKE_MS = 1_000;

/**
 * Rows only: the events that were stored stay. For runs whose executor is gone with what it had not stored. Throws PostgresConflict, or
 * its like, when another executor keeps it from its turn for two seconds: to be tried again.
 */
export async function refreshRuns(deps: RefreshDeps, runIds: readonly string[]): Promise<void> {
  for (let at = 0; at < runIds.length; at += CHUNK) {
    const some = runIds.slice(at, at + CHUNK);
    await withTransaction(deps.pool, async (client) => {
      await queryRows(client, SWEEP_LOCK_TIMEOUT);
      await lockEvents(client);
      const before = await loadRows(client, some);
      const runs = await awake(client, async () => readHistory(some, { secrets: deps.secrets, before }));
      await storeRows(
        client,
        runs.map((run) => run.rows),
      );
      await announce(client, some);
    });
  }
}

/**
 * Everything: rows and events. Gives the number of runs. Runs in flight go on; their executors write over what is rebuilt of them.
 * Readers see what was there before until it is done (deleted, not truncated, which would make them and the takeovers wait).
 */
export async function rebuildProjection(deps: RefreshDeps): Promise<number> {
  return withTransaction(deps.pool, async (client) => {
    await lockEvents(client);
    for (const table of ["runs", "steps", "events"]) await queryRows(client, `DELETE FROM tidegate_engine.${table}`);
    let count = 0;
    for (let offset = 0; ; offset += CHUNK) {
      const runIds = await awake(client, async () => listHistory({ limit: CHUNK, offset }));
      const runs = await awake(client, async () => readHistory(runIds, { secrets: deps.secrets, before: new Map() }));
      await storeRows(
        client,
        runs.map((run) => run.rows),
      );
      await storeEvents(
        client,
        runs.flatMap((run) => run.events),
      );
      await announce(client, runIds);
      count += runs.length;
      if (runIds.length < CHUNK) break;
    }
    await queryRows(
      client,
      "UPDATE tidegate_engine.runs r SET fence = c.fence, executor = c.executor FROM tidegate_engine.claims c WHERE c.run_id = r.id",
    );
    return count;
  });
}

/** Does `work`, which leaves `client` alone, and has the transaction say something meanwhile. */
async function awake<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  let said: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // One at a time; that it fails is seen by the statement that comes next.
    said = said.then(async () => client.query("SELECT 1")).catch(() => undefined);
  }, AWAKE_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await said;
  }
}
