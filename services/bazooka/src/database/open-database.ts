// Connections to the database that is worked on, for one piece of work.
import type { Secret } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import type { BazookaConfig } from "../config.ts";
import { requireDatabase } from "../stores.ts";

/** Dropping or emptying hundreds of tables takes its time; a lock is not waited for that long. */
const STATEMENT_LIMIT_MS = 30 * 60_000;

/** Closed at the end, so that nothing stays open in a process that may be frozen. */
export async function withDatabase<T>(
  config: BazookaConfig,
  work: (pool: Pool, url: Secret) => Promise<T>,
): Promise<T> {
  const url = requireDatabase(config);
  const pool = createPool({
    url,
    max: config.poolMax,
    applicationName: "tidegate bazooka",
    statementTimeoutMs: STATEMENT_LIMIT_MS,
    lockTimeoutMs: config.migrationLockTimeoutMs,
  });
  try {
    return await work(pool, url);
  } finally {
    await pool.end();
  }
}
