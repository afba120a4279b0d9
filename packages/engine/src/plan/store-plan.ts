// Plans are kept as they were shown.
import { queryRows, type Pool } from "@tidegate/postgres";
import { PlanUnknown } from "../errors/plan-errors.ts";
import { decode, encode } from "../journal/codec.ts";
import type { Secret } from "@tidegate/kernel";
import type { Plan } from "./plan.ts";

/** Throws NotRecordable for a plan that holds a secret. */
export async function storePlan(pool: Pool, plan: Plan, secrets: readonly Secret[]): Promise<void> {
  await queryRows(
    pool,
    `INSERT INTO tidegate_engine.plans (id, operation, version, digest, document, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      plan.id,
      plan.operation,
      plan.version,
      plan.digest,
      encode(plan, { what: "The plan", secrets }),
      plan.createdBy,
      plan.createdAt,
    ],
  );
}

/** Throws PlanUnknown. */
export async function loadPlan(pool: Pool, planId: string): Promise<Plan> {
  const [row] = await queryRows<{ document: string }>(
    pool,
    "SELECT document FROM tidegate_engine.plans WHERE id = $1",
    [planId],
  );
  if (row === undefined) throw new PlanUnknown({ planId });
  // Written by storePlan alone.
  return decode(row.document) as Plan;
}
