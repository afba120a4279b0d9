// One row of the ledger, written under the fence; and the row that takes it back.
import type { StepContext } from "@tidegate/engine";
import { systemClock } from "@tidegate/kernel";
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { RehearsedFailure } from "../../../errors.ts";
import type { RehearsalInput } from "../../../types.ts";
import { amountOf } from "../amount-of.ts";

interface Row {
  readonly input: RehearsalInput;
  readonly n: number;
}

const SLICE_MS = 100;

export async function writeRow(pool: Pool, step: StepContext, row: Row): Promise<{ amount: bigint; blob: string }> {
  const { input, n } = row;
  await takeTime(step, input.stepMs);
  if (step.attempt <= input.flakyTries) throw new RehearsedFailure({ step: step.step, isPassing: true });
  if (input.failAt === n && step.step === `write-${n}`) await failOnce(pool, step);
  const amount = amountOf(n);
  await withTransaction(pool, async (client) => {
    await step.fence.check(client);
    await insert(client, step, { stage: input.stage, amount });
  });
  return { amount, blob: "x".repeat(input.blobBytes) };
}

export async function undoWrite(pool: Pool, step: StepContext, { input, n }: Row): Promise<void> {
  await withTransaction(pool, async (client) => {
    await step.fence.check(client);
    await insert(client, step, { stage: input.stage, amount: -amountOf(n) });
  });
}

async function insert(
  client: PoolClient,
  step: StepContext,
  row: { readonly stage: string; readonly amount: bigint },
): Promise<void> {
  await queryRows(
    client,
    `INSERT INTO rehearsal.ledger (stage, run_id, step, idempotency_key, fence, executor_pid, attempt, amount)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [row.stage, step.runId, step.step, step.idempotencyKey, step.fence.token, process.pid, step.attempt, row.amount],
  );
}

async function takeTime(step: StepContext, stepMs: number): Promise<void> {
  for (let done = 0; done < stepMs; done += SLICE_MS) {
    step.progress({ done, total: stepMs, unit: "ms" });
    await systemClock.sleep(Math.min(SLICE_MS, stepMs - done), step.signal);
  }
}

/** The failure is remembered outside the run, so the step gets over it however the run comes back to it. */
async function failOnce(pool: Pool, step: StepContext): Promise<void> {
  const first = await queryRows(
    pool,
    "INSERT INTO rehearsal.failures (run_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING step",
    [step.runId, step.step],
  );
  if (first.length > 0) throw new RehearsedFailure({ step: step.step, isPassing: false });
}
