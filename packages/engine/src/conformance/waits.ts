// Waits for time, signals, people and children.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { RunContext } from "../context/run-context.ts";
import { BY_CONTRACT } from "../control/engine.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { BY, type Harness } from "./harness.ts";

export function describeWaits({ engine, openWith, open, run, start, end, waiting }: Harness): void {
  describe("waits", () => {
    it("sleeps, and takes its time from the journal", async () => {
      const outcome = await run(async (context) => {
        const before = context.now().getTime();
        await context.sleep("nap", 120);
        return context.now().getTime() - before;
      });
      expect(outcome.state === "succeeded" && Number(outcome.result)).toBeGreaterThanOrEqual(120);
    });

    it("takes a signal, also one that was sent before it was waited for", async () => {
      const gate = Promise.withResolvers<void>();
      await open({
        run: async (context) => {
          await context.step("first", async () => gate.promise);
          const early = await context.waitForSignal("early", { timeoutMs: 5_000 });
          return [early, await context.waitForSignal("late", { timeoutMs: 10_000 })];
        },
      });
      const runId = await start();
      await engine.signal(runId, "early", 1n, BY);
      gate.resolve();
      await waiting(runId, "late");
      await engine.signal(runId, "late", { two: 2 }, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: [1n, { two: 2 }] });
    });

    it("says that nothing came in time", async () => {
      expect(await run(async (context) => context.waitForSignal("never", { timeoutMs: 50 }))).toEqual({
        state: "succeeded",
        result: "timed-out",
      });
    });

    it("refuses a value that the run does not take, and says what it takes", async () => {
      await open({
        run: async (context) =>
          context.waitForSignal("count", { timeoutMs: 10_000, schema: z.strictObject({ n: z.int().max(3) }) }),
      });
      const runId = await start();
      await waiting(runId, "count");
      await expect(engine.signal(runId, "count", { n: 7 }, BY)).rejects.toMatchObject({
        code: "engine.signal-refused",
        message: expect.stringContaining("n = 7: must be at most 3") as string,
      });
      await engine.signal(runId, "count", { n: 3 }, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: { n: 3 } });
    });

    it("asks for approval: yes, no, and nobody", async () => {
      const ask = (timeoutMs: number) => async (context: RunContext) =>
        context.waitForApproval("go", { timeoutMs, question: "Go?" });
      await openWith(
        sampleOperation({ name: "sample", run: ask(10_000) }),
        sampleOperation({ name: "hasty", run: ask(50) }),
      );
      const yes = await start();
      await waiting(yes, "go");
      expect(await engine.get(yes)).toMatchObject({
        state: "waiting",
        waiting: { kind: "approval", name: "go", question: "Go?" },
      });
      await engine.approve(yes, { approved: true, comment: "fine" }, BY);
      expect(await end(yes)).toEqual({
        state: "succeeded",
        result: { approved: true, by: "tester", comment: "fine" },
      });
      const no = await start();
      await waiting(no, "go");
      await engine.approve(no, { approved: false }, BY);
      expect(await end(no)).toMatchObject({ state: "failed", error: { code: "engine.approval-refused" } });
      const nobody = await engine.start("hasty", {}, { ...BY, confirm: BY_CONTRACT });
      expect(await end(nobody.runId)).toMatchObject({
        state: "failed",
        error: { code: "engine.approval-timed-out" },
      });
      await expect(engine.approve(yes, { approved: true }, BY)).rejects.toMatchObject({ code: "engine.run-ended" });
    });

    it("does not approve what is not asked", async () => {
      await open({ run: async (context) => context.waitForSignal("other", { timeoutMs: 10_000 }) });
      const runId = await start();
      await waiting(runId, "other");
      await expect(engine.approve(runId, { approved: true }, BY)).rejects.toMatchObject({
        code: "engine.nothing-to-approve",
      });
      await engine.signal(runId, "other", null, BY);
      await end(runId);
    });
  });

  describe("children", () => {
    it("gives the child's result, and its error", async () => {
      const good = sampleOperation({ name: "good", run: async (context) => context.step("deep", async () => 5n) });
      const bad = sampleOperation({
        name: "bad",
        run: async (context) => context.step("deep", async () => Promise.reject(new Error("deep down"))),
      });
      await openWith(
        good,
        bad,
        sampleOperation({
          name: "sample",
          run: async (context) => {
            const result = await context.child(good, { tag: "x" }, { key: "first" });
            const error = await context.child(bad, {}, { key: "second" }).catch((caught: Error) => caught.message);
            return [result, error];
          },
        }),
      );
      const runId = await start();
      expect(await end(runId)).toEqual({ state: "succeeded", result: [5n, "deep down"] });
      expect(await engine.get(`${runId}.first`)).toMatchObject({
        parentId: runId,
        state: "succeeded",
        input: { tag: "x" },
      });
    });
  });
}
