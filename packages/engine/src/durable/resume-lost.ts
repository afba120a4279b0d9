// Runs that DBOS gave to this executor and that never came to be executed here.
import { queryRows } from "@tidegate/postgres";
import { WORKFLOW_NAME } from "../flow/run-request.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { handOn } from "./hand-on.ts";

/** A run is on its way from DBOS's claim to its execution for so long at most. */
const ON_ITS_WAY_MS = 10_000;

/**
 * Gives one round: hands on what has stood for about ten seconds as ours, in the same claim, without being executed. It happens when the
 * answer to the COMMIT of DBOS's claim is lost, or its dispatch fails, of which DBOS only warns; nobody else takes a run from an executor
 * that lives.
 */
export function createLostRuns(
  deps: Pick<EngineDeps, "pool" | "executor" | "clock" | "executions" | "arriving">,
): () => Promise<readonly string[]> {
  /** When each owner that DBOS wrote was first seen without an execution. */
  let since = new Map<string, number>();
  return async () => {
    const rows = await queryRows<{ owner: string }>(
      deps.pool,
      `SELECT owner_xid AS owner FROM dbos.workflow_status
        WHERE executor_id = $1 AND status = 'PENDING' AND name = $2 AND owner_xid IS NOT NULL AND workflow_uuid <> ALL ($3)`,
      [deps.executor, WORKFLOW_NAME, [...deps.executions.keys(), ...deps.arriving]],
    );
    const nowMs = deps.clock.monotonicMs();
    since = new Map(rows.map(({ owner }) => [owner, since.get(owner) ?? nowMs]));
    const owners = [...since].filter(([, sinceMs]) => nowMs - sinceMs >= ON_ITS_WAY_MS).map(([owner]) => owner);
    if (owners.length === 0) return [];
    const handed = await handOn(deps.pool, { of: "ourselves", executor: deps.executor, owners });
    return handed.map((run) => run.id);
  };
}
