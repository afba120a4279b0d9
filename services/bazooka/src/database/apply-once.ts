// An effect on this database, applied exactly once, however often its step is run: the effect and the mark that it was applied are one transaction.
import { retry } from "@tidegate/kernel";
import type { StepContext } from "@tidegate/engine";
import { PostgresLockTimeout, queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { ensureOwnSchema, forgetOldEffects } from "./own-schema.ts";

/** Tries to get the locks that the effect needs, beside whoever holds them. */
const LOCK_TRIES = { attempts: 5, baseMs: 500, maxMs: 5_000 };

/**
 * Gives what the effect gave, now or the first time; it must be plain JSON. A second executor that comes while the first is at work waits for it
 * (as long as lock_timeout, then tries again).
 */
export async function applyOnce<T>(
  pool: Pool,
  step: StepContext,
  effect: (client: PoolClient) => Promise<T>,
): Promise<T> {
  await withTransaction(pool, ensureOwnSchema);
  return retry(
    async () =>
      withTransaction(pool, async (client) => {
        await queryRows(client, "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [step.idempotencyKey]);
        const [applied] = await queryRows<{ result: T }>(
          client,
          "SELECT result FROM tidegate_bazooka.effects WHERE idempotency_key = $1",
          [step.idempotencyKey],
        );
        if (applied !== undefined) return applied.result;
        const result = await effect(client);
        step.signal.throwIfAborted();
        await forgetOldEffects(client);
        await queryRows(
          client,
          "INSERT INTO tidegate_bazooka.effects (idempotency_key, run_id, result) VALUES ($1, $2, $3)",
          [step.idempotencyKey, step.runId, JSON.stringify(result)],
        );
        return result;
      }),
    { ...LOCK_TRIES, signal: step.signal, isRetryable: (error) => error instanceof PostgresLockTimeout },
  );
}
