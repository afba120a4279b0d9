// One row of the ledger, and one line of the ledger outside, written under the fence; and those that take it back.
import type { StepContext } from "@tidegate/engine";
import { systemClock } from "@tidegate/kernel";
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { RehearsedFailure } from "../../../errors.ts";
import type { RehearsalInput } from "../../../types.ts";
import { amountOf } from "../amount-of.ts";
import type { RehearsalDeps } from "../operation.ts";
import { writeOutside } from "../outside-ledger.ts";
import { leak } from "./leak.ts";

interface Row {
  readonly input: RehearsalInput;
  readonly n: number;
}

const SLICE_MS = 100;

export async function writeRow(
  deps: RehearsalDeps,
  step: StepContext,
  { input, n }: Row,
): Promise<{ amount: bigint; blob: string }> {
  const { pool } = deps;
  await takeTime(step, input.stepMs);
  if (step.attempt <= input.flakyTries) throw new RehearsedFailure({ step: step.step, isPassing: true });
  if (input.failAt === n && step.step === `write-${n}`) await failOnce(pool, step);
  const amount = amountOf(n);
  await write(deps, step, { stage: input.stage, amount });
  const leaked = input.leakAt === n && step.step === `write-${n}` ? leak(deps, step) : "";
  return { amount, blob: leaked + "x".repeat(input.blobBytes) };
}

export async function undoWrite(deps: RehearsalDeps, step: StepContext, { input, n }: Row): Promise<void> {
  await write(deps, step, { stage: input.stage, amount: -amountOf(n) });
}

async function write(
  { pool, outside }: RehearsalDeps,
  step: StepContext,
  row: { readonly stage: string; readonly amount: bigint },
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await writeOutside(outside, client, step, row);
    await insert(client, step, row);
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
