// Two operators as processes: one is killed in the middle of a step; and a watcher, who writes down when each event reached it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Secret } from "@tidegate/kernel";
import { ask } from "../../tests/operations/ask-operator.ts";
import { operatorFolder, startOperator, TOKEN, type OperatorProcess } from "../../tests/operations/operator-process.ts";

const CLI = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

export interface TakeoverFigures {
  readonly takeoverMs: readonly number[];
  readonly screenMs: readonly number[];
  readonly rssMb: readonly number[];
}

export async function measureTakeover(url: Secret, rounds: number): Promise<TakeoverFigures> {
  const folder = operatorFolder();
  const open = async (): Promise<OperatorProcess> => startOperator(folder.path, { databaseUrl: url });
  let [one, two] = [await open(), await open()];
  const takeoverMs: number[] = [];
  const rssMb: number[] = [];
  const screenMs: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const runId = await startOn(one, { steps: 4, stepMs: 500, stage: `round-${round}` });
      const executing = saw(two, "run.executing");
      const since = performance.now();
      await one.kill();
      await executing;
      takeoverMs.push(performance.now() - since);
      await ask(two.url, "GET", `/v1/runs/${runId}/wait`);
      [one, two] = [two, await open()];
    }
    screenMs.push(...(await watchDelays(one)));
    rssMb.push(rssOf(one.pid));
  } finally {
    await one.kill();
    await two.kill();
    folder.remove();
  }
  return { takeoverMs, screenMs, rssMb };
}

async function startOn(operator: OperatorProcess, input: unknown): Promise<string> {
  const second = saw(operator, "step.started", "write-2");
  const { body } = await ask(operator.url, "POST", "/v1/operations/rehearse/runs", { input });
  await second;
  return body.runId as string;
}

async function saw(operator: OperatorProcess, message: string, step?: string): Promise<void> {
  await new Promise<void>((resolve) =>
    operator.onLine((line) => {
      if (line.message === message && (step === undefined || line.step === step)) resolve();
    }),
  );
}

/** Milliseconds from the time in each event to its line on the watcher's stdout; both clocks are this machine's. */
async function watchDelays(operator: OperatorProcess): Promise<readonly number[]> {
  const runId = await startOn(operator, { steps: 40, stepMs: 100, stage: "watched" });
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", CLI, "runs", "watch", runId, "--json"],
    {
      env: { ...process.env, TIDEGATE_OPERATOR_URL: operator.url, TIDEGATE_OPERATOR_TOKEN: TOKEN },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const begun = Date.now();
  const delays: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { readonly at: string };
    const at = Date.parse(event.at);
    // What was stored before the watcher came is no measure of its speed.
    if (at > begun + 1_000) delays.push(Date.now() - at);
  }
  return delays;
}

function rssOf(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1] ?? 0) / 1_024;
}
