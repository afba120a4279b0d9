// Invokes Bazooka, and believes only an answer that says that it migrated.
import type { StepContext } from "@tidegate/engine";
import { FunctionCrashed, FunctionFailed, InvocationLost } from "@tidegate/functions";
import { describeError, type Clock } from "@tidegate/kernel";
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

/** Tries whose answer was lost, or that the function did not survive. */
const MOST_UNANSWERED = 3;
/** Between two looks whether the database is still being worked on, and between two tries. */
const AGAIN_MS = 2_000;
/** What Bazooka throws while somebody else works on the database. */
const BUSY = "DatabaseBusy";

/** Longest that migrateDatabase may take: its tries, and the wait until none of them can be at work any more. */
export function longestMigrationMs(scene: Pick<Scene, "fleet">, migrator: Pick<MigratorFacts, "timeoutMs">): number {
  return MOST_UNANSWERED * (limitOf(scene, migrator) + AGAIN_MS) + 2 * (migrator.timeoutMs + ANSWER_MS);
}

const limitOf = ({ fleet }: Pick<Scene, "fleet">, { timeoutMs }: Pick<MigratorFacts, "timeoutMs">): number =>
  Math.min(fleet.limits.migrateMs, timeoutMs + ANSWER_MS);

/**
 * When it ends, well or not, nothing migrates any more: an invocation cannot be recalled, so one whose answer was lost is waited for until
 * its function's own time is over. Asking again meanwhile is harmless, Bazooka lets one in at a time; its success says that the others have ended.
 *
 * Throws WritersRunning before anything is done; FunctionFailed, MigrationUnanswered, MigrationRefused.
 */
export async function migrateDatabase(
  scene: Scene,
  facts: { readonly migrator: MigratorFacts; readonly writers: readonly string[]; readonly input: UpgradeInput },
  { step, clock }: { readonly step: StepContext; readonly clock: Clock },
): Promise<{ readonly tookMs: number }> {
  const { migrator, writers } = facts;
  const fromMs = clock.monotonicMs();
  const lifeMs = migrator.timeoutMs + ANSWER_MS;
  // An executor before this one may have been killed in the middle of an invocation.
  let mayRunUntilMs = step.fence.token > 1 || step.attempt > 1 ? fromMs + lifeMs : fromMs;
  for (let unanswered = 0; ;) {
    await assertDrained(scene, writers, "the database is migrated");
    const begunMs = clock.monotonicMs();
    try {
      await invokeOnce(scene, facts, step);
      return { tookMs: Math.round(clock.monotonicMs() - fromMs) };
    } catch (error) {
      step.signal.throwIfAborted();
      if (error instanceof InvocationLost) mayRunUntilMs = Math.max(mayRunUntilMs, begunMs + lifeMs);
      const isUnanswered = error instanceof InvocationLost || error instanceof FunctionCrashed;
      if (isUnanswered) unanswered += 1;
      const isOurs = clock.monotonicMs() < mayRunUntilMs;
      const isAgain = isUnanswered ? unanswered < MOST_UNANSWERED : isBusy(error) && isOurs;
      if (isAgain) {
        step.progress({ done: unanswered, message: `asked again: ${describeError(error)}` });
        await clock.sleep(AGAIN_MS, step.signal);
        continue;
      }
      const leftMs = mayRunUntilMs - clock.monotonicMs();
      if (leftMs > 0) {
        step.progress({
          done: unanswered,
          message: `first, ${migrator.function} is given the time in which it may still be at work`,
        });
        await clock.sleep(leftMs, step.signal);
      }
      throw isUnanswered ? new MigrationUnanswered({ function: migrator.function, cause: error }) : error;
    }
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof FunctionFailed)) return false;
  const { error: thrown } = error.details as { readonly error?: { readonly name?: string } };
  return thrown?.name === BUSY;
}

async function invokeOnce(
  scene: Scene,
  { migrator, input }: { readonly migrator: MigratorFacts; readonly input: UpgradeInput },
  step: StepContext,
): Promise<void> {
  const answer = await scene.platform.functions.invoke(migrator.function, migrationPayload(input), {
    limitMs: limitOf(scene, migrator),
    signal: step.signal,
    requestId: step.idempotencyKey,
  });
  if (success.safeParse(answer).success) return;
  const text = JSON.stringify(answer) ?? "nothing";
  throw new MigrationRefused({ function: migrator.function, answer: text.slice(0, 300) });
}
