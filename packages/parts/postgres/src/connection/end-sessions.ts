// Ends sessions at the server: whatever they do, and also when their own connection cannot be used any more.
import type { Secret } from "@tidegate/kernel";
import { createPool } from "./create-pool.ts";
import { queryRows, type Queryable } from "./query-rows.ts";

/** Longest wait for one session to be gone. */
const GONE_LIMIT_MS = 5_000;

/**
 * Terminates sessions of our own role by their process ids, and waits until they are gone (5 s each at most). One that is gone already is no
 * failure. Through `through` when there is a free connection, else through one of its own.
 */
export async function endSessions(url: Secret, pids: readonly number[], through?: Queryable): Promise<void> {
  if (pids.length === 0) return;
  if (through !== undefined) return terminate(through, pids);
  const pool = createPool({ url, max: 1, applicationName: "tidegate ending sessions" });
  try {
    await terminate(pool, pids);
  } finally {
    await pool.end();
  }
}

/** All are told before the first is waited for. */
async function terminate(client: Queryable, pids: readonly number[]): Promise<void> {
  await queryRows(
    client,
    `WITH told AS MATERIALIZED (SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY ($1::int[]))
     SELECT pg_terminate_backend(pid, ${GONE_LIMIT_MS}) FROM told ORDER BY pid`,
    [pids],
  );
}
