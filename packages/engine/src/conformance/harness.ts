// What every section of the conformance suite works with: one engine per test, and a list of what happened outside of it.
import { Secret, waitUntil } from "@tidegate/kernel";
import { afterEach, beforeEach } from "vitest";
import type { RunContext } from "../context/run-context.ts";
import { BY_CONTRACT, type Engine, type RunOutcome } from "../control/engine.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { sampleOperation, type SampleOptions } from "../testing/sample-operations.ts";

export interface EngineUnderTest {
  readonly open: (options: {
    readonly operations: readonly AnyOperation[];
    readonly secrets: readonly Secret[];
  }) => Promise<Engine>;
  readonly close: (engine: Engine) => Promise<void>;
}

export const SECRET = new Secret("correct-horse-battery");
export const BY = { by: "tester" };

export interface Harness {
  /** The engine of the current test. */
  readonly engine: Engine;
  /** Written by effects; the ground truth. */
  readonly happened: string[];
  readonly openWith: (...operations: readonly AnyOperation[]) => Promise<void>;
  readonly open: (options: Omit<SampleOptions, "name"> & { readonly name?: string }) => Promise<void>;
  readonly start: () => Promise<string>;
  readonly end: (runId: string) => Promise<RunOutcome>;
  /** Opens, starts and waits for the end of one flow. */
  readonly run: (flow: (context: RunContext) => Promise<unknown>) => Promise<RunOutcome>;
  readonly waiting: (runId: string, step: string) => Promise<true>;
  readonly running: (step: string) => Promise<true>;
}

export function createHarness(under: EngineUnderTest): Harness {
  let current: Engine | undefined;
  const happened: string[] = [];
  beforeEach(() => {
    happened.length = 0;
  });
  afterEach(async () => {
    if (current !== undefined) await under.close(current);
    current = undefined;
  });
  const engine = new Proxy({} as Engine, { get: (_, name) => Reflect.get(current ?? {}, name) as unknown });
  const openWith: Harness["openWith"] = async (...operations) => {
    current = await under.open({ operations, secrets: [SECRET] });
  };
  const open: Harness["open"] = async (options) => openWith(sampleOperation({ name: "sample", ...options }));
  const start = async (): Promise<string> => (await engine.start("sample", {}, { ...BY, confirm: BY_CONTRACT })).runId;
  const end: Harness["end"] = async (runId) => {
    const outcome = await engine.wait(runId, { timeoutMs: 20_000 });
    if (outcome === "unfinished") throw new Error(`${runId} did not end`);
    return outcome;
  };
  const run: Harness["run"] = async (flow) => {
    await open({ run: flow });
    return end(await start());
  };
  const waiting: Harness["waiting"] = async (runId, step) =>
    waitUntil(
      async () =>
        (await engine.get(runId)).steps.some((one) => one.name === step && one.state === "waiting") || undefined,
      { what: `${step} waiting`, limitMs: 10_000, remedy: "" },
    );
  const running: Harness["running"] = async (step) =>
    waitUntil(() => happened.includes(step) || undefined, { what: `${step} running`, limitMs: 10_000, remedy: "" });
  return { engine, happened, openWith, open, start, end, run, waiting, running };
}
