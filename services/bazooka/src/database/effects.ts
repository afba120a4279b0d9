// The record of what was applied in this database, by the step's idempotency key: whoever does a step again is told what it gave.
import type { StepContext } from "@tidegate/engine";
import { queryRows, type Queryable } from "@tidegate/postgres";
import { forgetOldEffects } from "./own-schema.ts";

/** Undefined when it was not applied. The result is what the step recorded. */
export async function readApplied(
  client: Queryable,
  idempotencyKey: string,
): Promise<{ readonly result: unknown } | undefined> {
  const [applied] = await queryRows<{ result: unknown }>(
    client,
    "SELECT result FROM tidegate_bazooka.effects WHERE idempotency_key = $1",
    [idempotencyKey],
  );
  return applied;
}

/** In the transaction of the effect. The result is plain JSON. */
export async function recordApplied(
  client: Queryable,
  { idempotencyKey, runId }: Pick<StepContext, "idempotencyKey" | "runId">,
  result: unknown,
): Promise<void> {
  await forgetOldEffects(client);
  await queryRows(
    client,
    "INSERT INTO tidegate_bazooka.effects (idempotency_key, run_id, result) VALUES ($1, $2, $3)",
    [idempotencyKey, runId, JSON.stringify(result)],
  );
}
