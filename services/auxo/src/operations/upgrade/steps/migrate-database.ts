// Invokes Bazooka, and believes only an answer that says that it migrated.
import type { StepContext } from "@tidegate/engine";
import { FunctionCrashed, InvocationLost } from "@tidegate/functions";
import type { Clock } from "@tidegate/kernel";
import * as z from "zod";
import { MigrationRefused, MigrationUnanswered } from "../../../errors.ts";
import type { MigratorFacts, UpgradeInput } from "../../../types.ts";
import { migrationPayload } from "../migration-payload.ts";
import type { Scene } from "../observe.ts";
import { assertDrained } from "./drain-writers.ts";

/** Beyond the function's own limit, for its answer to come. */
const ANSWER_MS = 10_000;

const success = z.object({
  statusCode: z.literal(200),
  body: z.string().refine((text) => text.includes('"success"')),
});

/** Throws WritersRunning before anything is done; FunctionFailed, MigrationUnanswered, MigrationRefused. */
export async function migrateDatabase(
  scene: Scene,
  facts: { readonly migrator: MigratorFacts; readonly writers: readonly string[]; readonly input: UpgradeInput },
  { step, clock }: { readonly step: StepContext; readonly clock: Clock },
): Promise<{ readonly tookMs: number }> {
  const { migrator, input, writers } = facts;
  await assertDrained(scene, writers);
  const fromMs = clock.monotonicMs();
  const invocation = {
    limitMs: Math.min(scene.fleet.limits.migrateMs, migrator.timeoutMs + ANSWER_MS),
    signal: step.signal,
    requestId: step.idempotencyKey,
  };
  const answer = await scene.platform.functions
    .invoke(migrator.function, migrationPayload(input), invocation)
    .catch((error: unknown) => {
      if (!(error instanceof InvocationLost) && !(error instanceof FunctionCrashed)) throw error;
      throw new MigrationUnanswered({ function: migrator.function, cause: error });
    });
  if (!success.safeParse(answer).success) {
    const text = JSON.stringify(answer) ?? "nothing";
    throw new MigrationRefused({ function: migrator.function, answer: text.slice(0, 300) });
  }
  return { tookMs: Math.round(clock.monotonicMs() - fromMs) };
}
