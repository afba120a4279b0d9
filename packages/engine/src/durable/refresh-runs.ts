// Makes the projection of some runs, or of all, anew from DBOS's history.
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import type { Secret } from "@tidegate/kernel";
import { loadRows } from "../projection/load-rows.ts";
import { announce, lockEvents, storeEvents, storeRows } from "../projection/store-rows.ts";
import { listHistory, readHistory } from "./read-history.ts";

interface RefreshDeps {
  readonly pool: Pool;
  readonly secrets: readonly Secret[];
}

/** Rows only: the events that were stored stay. For runs whose executor is gone with what it had not stored. */
export async function refreshRuns(deps: RefreshDeps, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  await withTransaction(deps.pool, async (client) => {
    await lockEvents(client);
    const before = await loadRows(client, runIds);
    const runs = await readHistory(runIds, { secrets: deps.secrets, before });
    await storeRows(
      client,
      runs.map((run) => run.rows),
    );
    await announce(client, runIds);
  });
}

const PAGE = 200;

/** Everything: rows and events. Gives the number of runs. Runs in flight go on; their executors write over what is rebuilt of them. */
export async function rebuildProjection(deps: RefreshDeps): Promise<number> {
  return withTransaction(deps.pool, async (client) => {
    await lockEvents(client);
    await queryRows(client, "TRUNCATE tidegate_engine.runs, tidegate_engine.steps, tidegate_engine.events");
    let count = 0;
    for (let offset = 0; ; offset += PAGE) {
      const runIds = await listHistory({ limit: PAGE, offset });
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
      if (runIds.length < PAGE) break;
    }
    await queryRows(
      client,
      "UPDATE tidegate_engine.runs r SET fence = c.fence, executor = c.executor FROM tidegate_engine.claims c WHERE c.run_id = r.id",
    );
    return count;
  });
}
