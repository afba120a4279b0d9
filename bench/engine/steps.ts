// The same step in raw DBOS and in the engine, in one process on one database; timed inside the flow, from the first step to the last.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { createDurableEngine, defineOperation, type Engine } from "@tidegate/engine";
import type { Secret } from "@tidegate/kernel";
import * as z from "zod";

const STEPS = 200;

export interface StepSample {
  readonly rawMs: number;
  readonly oursMs: number;
}

export async function measureSteps(
  url: Secret,
  pairs: number,
): Promise<{ readonly steps: number; readonly samples: readonly StepSample[] }> {
  let lastMs = 0;
  const operation = defineOperation({
    name: "bench",
    title: "Steps and nothing else",
    input: z.strictObject({}),
    danger: "changes",
    observe: async () => ({}),
    plan: () => ({
      target: "nothing",
      summary: "Steps.",
      steps: [{ name: "all", change: "Nothing", destroys: false, undo: "Nothing" }],
    }),
    run: async (context) => {
      const start = performance.now();
      for (let n = 0; n < STEPS; n++) await context.step(`step-${n}`, async () => n);
      lastMs = (performance.now() - start) / STEPS;
    },
  });
  const raw = DBOS.registerWorkflow(
    async () => {
      const start = performance.now();
      for (let n = 0; n < STEPS; n++) await DBOS.runStep(async () => Promise.resolve(n), { name: `step-${n}` });
      lastMs = (performance.now() - start) / STEPS;
    },
    { name: "bench.raw" },
  );
  const engine = await createDurableEngine({
    url,
    operations: [operation],
    onLost: (error) => {
      throw error;
    },
  });
  const ours = async (): Promise<number> => {
    await runOnce(engine);
    return lastMs;
  };
  const bare = async (): Promise<number> => {
    await (await DBOS.startWorkflow(raw)()).getResult();
    return lastMs;
  };
  try {
    await ours();
    await bare();
    const samples: StepSample[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      // Taking turns in who is first.
      if (pair % 2 === 0) {
        const rawMs = await bare();
        samples.push({ rawMs, oursMs: await ours() });
      } else {
        const oursMs = await ours();
        samples.push({ oursMs, rawMs: await bare() });
      }
    }
    return { steps: STEPS, samples };
  } finally {
    await engine.stop();
  }
}

async function runOnce(engine: Engine): Promise<void> {
  const { runId } = await engine.start("bench", {}, { by: "bench" });
  const outcome = await engine.wait(runId, { timeoutMs: 120_000 });
  if (outcome === "unfinished" || outcome.state !== "succeeded")
    throw new Error(`the run ended ${JSON.stringify(outcome)}`);
}
