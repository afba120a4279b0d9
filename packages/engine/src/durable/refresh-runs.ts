// Makes the projection of some runs, or of all, anew from DBOS's history.
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import type { Secret } from "@tidegate/kernel";
import { loadRows } from "../projection/load-rows.ts";
import { announce, lockEvents, storeEvents, storeRows } from "../projection/store-rows.ts";
import { SWEEP_LOCK_TIMEOUT } from "./hand-on.ts";
import { listHistory, readHistory } from "./read-history.ts";

interface RefreshDeps {
  readonly pool: Pool;
  readonly secrets: readonly Secret[];
}

/** Runs whose history is read between two statements of a transaction, which the server ends after five seconds without one. */
const CHUNK = 10;

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
      const runs = await readHistory(some, { secrets: deps.secrets, before });
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
      const runIds = await listHistory({ limit: CHUNK, offset });
      const runs = await readHistory(runIds, { secrets: deps.secrets, before: new Map() });
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
