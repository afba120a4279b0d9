// An effect on this database, applied exactly once, however often its step is run: the effect and the mark that it was applied are one transaction.
import { retry, type Secret } from "@tidegate/kernel";
import type { StepContext } from "@tidegate/engine";
import {
  endSessions,
  PostgresLockTimeout,
  queryRows,
  serverAddress,
  withTransaction,
  type Pool,
  type PoolClient,
} from "@tidegate/postgres";
import { tryDatabaseLock, untilFree } from "./database-lock.ts";
import { readApplied, recordApplied } from "./effects.ts";
import { ensureOwnSchema } from "./own-schema.ts";

/** Tries to get the locks that the effect needs, beside whoever holds them. */
const LOCK_TRIES = { attempts: 5, baseMs: 500, maxMs: 5_000 };

/**
 * Gives what the effect gave, now or the first time; it must be plain JSON. Another run, or a second executor, that is at work on the database is
 * waited for. A step that is stopped ends its statement at the server. Throws DatabaseBusy, and PostgresLockTimeout for a table's lock.
 */
export async function applyOnce<T>(
  { pool, url }: { readonly pool: Pool; readonly url: Secret },
  step: StepContext,
  effect: (client: PoolClient) => Promise<T>,
): Promise<T> {
  await withTransaction(pool, ensureOwnSchema);
  const tryOnce = async (): Promise<{ readonly result: T } | undefined> =>
    withTransaction(pool, async (client) => {
      if (!(await tryDatabaseLock(client))) return undefined;
      const applied = await readApplied(client, step.idempotencyKey);
      // Recorded under this step's own key.
      if (applied !== undefined) return { result: applied.result as T };
      const result = await endedWith(step.signal, client, url, async () => effect(client));
      await recordApplied(client, step, result);
      return { result };
    });
  return retry(
    async () => (await untilFree(pool, { address: serverAddress(url), signal: step.signal }, tryOnce)).result,
    { ...LOCK_TRIES, signal: step.signal, isRetryable: (error) => error instanceof PostgresLockTimeout },
  );
}

/** Rejects with the signal's reason when that is aborted, after the session is gone. */
async function endedWith<T>(signal: AbortSignal, client: PoolClient, url: Secret, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const [row] = await queryRows<{ pid: number }>(client, "SELECT pg_backend_pid() AS pid");
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending = endSessions(url, row === undefined ? [] : [row.pid]);
    ending.catch(() => undefined);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const result = await work();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    await ending;
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
