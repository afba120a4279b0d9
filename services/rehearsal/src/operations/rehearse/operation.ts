// The operation `rehearse`: 1. prepare  2. clear, when asked  3. write, one row a step  4. write side by side  5. a child
// 6. wait for an approval, when asked  7. sum up.
import { defineOperation, type Operation, type RunContext } from "@tidegate/engine";
import type { Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { rehearsalInput, type RehearsalInput, type RehearsalResult, type StageObservation } from "../../types.ts";
import { observeStage } from "./observe.ts";
import type { OutsideLedger } from "./outside-ledger.ts";
import { planRehearsal } from "./plan.ts";
import { clearStage } from "./steps/clear-stage.ts";
import { prepareLedger } from "./steps/prepare-ledger.ts";
import { sumUp } from "./steps/sum-up.ts";
import { undoWrite, writeRow } from "./steps/write-row.ts";

export interface RehearsalDeps {
  /** Of the engine's database, so that rows are written under the fence. */
  readonly pool: Pool;
  /** Each effect is written there too. Default nowhere. */
  readonly outside?: OutsideLedger;
  /** One of the engine's secrets: what a step with `leakAt` lets slip. Default nothing. */
  readonly planted?: Secret;
}

export function createRehearsal(deps: RehearsalDeps): Operation<RehearsalInput, StageObservation, RehearsalResult> {
  const { pool } = deps;
  const rehearsal: Operation<RehearsalInput, StageObservation, RehearsalResult> = defineOperation({
    name: "rehearse",
    title: "Rehearse an operation: steps, an approval, a kill, a cancel",
    input: rehearsalInput,
    danger: "destroys",
    observe: async (input: RehearsalInput) => observeStage(pool, input),
    plan: planRehearsal,
    lock: ({ stage }: RehearsalInput) => `rehearsal:${stage}`,
    run: async (context, { input, plan }) => {
      if (plan.steps.some((step) => step.name === "prepare"))
        await context.step("prepare", async (step) => prepareLedger(pool, step));
      if (plan.steps.some((step) => step.name === "clear")) {
        await context.step("clear", async (step) => clearStage(pool, step, input.stage));
      }
      for (let n = 1; n <= input.steps; n++) await write(context, deps, input, { name: `write-${n}`, n });
      const sides = Array.from({ length: input.parallel }, (_, index) => index + 1);
      await context.all(
        "sides",
        sides.map((n) => async () => write(context, deps, input, { name: `side-${n}`, n })),
      );
      if (input.childSteps > 0) await runChild(context, rehearsal, input);
      if (input.approval) {
        const question = `Sum up stage "${input.stage}"?`;
        await context.waitForApproval("sum-up-approval", { timeoutMs: input.approvalTimeoutMs, question });
      }
      return context.step("sum-up", async () => sumUp(pool, input));
    },
  });
  return rehearsal;
}

async function write(
  context: RunContext,
  deps: RehearsalDeps,
  input: RehearsalInput,
  { name, n }: { readonly name: string; readonly n: number },
): Promise<void> {
  await context.step(name, async (step) => writeRow(deps, step, { input, n }), {
    timeoutMs: input.stepMs + 30_000,
    retry: { attempts: input.flakyTries + 3, baseMs: 20, maxMs: 1_000 },
    compensate: async (step) => undoWrite(deps, step, { input, n }),
  });
}

async function runChild(
  context: RunContext,
  rehearsal: Operation<RehearsalInput, StageObservation, RehearsalResult>,
  input: RehearsalInput,
): Promise<void> {
  const child = rehearsalInput.parse({ stage: `${input.stage}-child`, steps: input.childSteps, stepMs: input.stepMs });
  await context.child(rehearsal, child, { key: "child" });
}
