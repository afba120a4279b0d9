// One executor at a time launches DBOS: its migrations do not exclude each other, and two at once leave a fresh database broken for ever.
import { waitUntil } from "@tidegate/kernel";
import type { ExecutorLock } from "./executor-lock.ts";

const KEY = "hashtextextended('tidegate_engine.launch', 0)";
/** A launch takes a second or two, with DBOS's migrations; several may stand before this one. */
const LIMIT_MS = 120_000;
const POLL_MS = 100;

/**
 * Looks again and again, and never waits in the server: DBOS builds indexes concurrently, which waits for every statement that runs, so the
 * two would wait for each other. The lock is the session's; with this executor it goes. Throws TimedOut.
 */
export async function launchAlone<T>(lock: ExecutorLock, launch: () => Promise<T>): Promise<T> {
  await waitUntil(
    async () => {
      const [tried] = await lock.query<{ free: boolean }>(`SELECT pg_try_advisory_lock(${KEY}) AS free`);
      return tried?.free === true ? true : undefined;
    },
    {
      what: "The end of another executor's launch",
      limitMs: LIMIT_MS,
      everyMs: POLL_MS,
      remedy:
        "Look in pg_locks for who holds the advisory lock; an executor that hangs in its launch can be ended and started again.",
    },
  );
  try {
    return await launch();
  } finally {
    await lock.query(`SELECT pg_advisory_unlock(${KEY})`);
  }
}
