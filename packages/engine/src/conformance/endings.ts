// Cancelling and undoing.
import { waitUntil } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { sampleOperation } from "../testing/sample-operations.ts";
import { BY, type Harness } from "./harness.ts";

export function describeEndings({ openWith, engine, happened, open, start, end, waiting, running }: Harness): void {
  describe("cancel", () => {
    it("aborts the step in flight at its await, and undoes finished ones from the last", async () => {
      const undo = (step: string) => ({
        compensate: async (_: unknown, result: string) => void happened.push(`undo ${step} ${result}`),
      });
      await open({
        run: async (context) => {
          await context.step("a", async () => "A", undo("a"));
          await context.step("b", async () => "B", undo("b"));
          await context.step(
            "c",
            async () => {
              happened.push("c");
              await new Promise(() => undefined);
              return "C";
            },
            undo("c"),
          );
        },
      });
      const runId = await start();
      await running("c");
      await engine.cancel(runId, { ...BY, reason: "enough" });
      expect(await end(runId)).toEqual({ state: "cancelled" });
      expect(happened).toEqual(["c", "undo b B", "undo a A"]);
      await expect(engine.cancel(runId, BY)).rejects.toMatchObject({ code: "engine.run-ended" });
    });

    it("tells how everything was left, after what came later is undone", async () => {
      await open({
        run: async (context) => {
          context.whenCancelled("state", async () => `left after ${happened.join()}`);
          await context.step("a", async () => "A", { compensate: async () => void happened.push("undo a") });
          await context.sleep("b", 60_000);
        },
      });
      const runId = await start();
      await waiting(runId, "b");
      await engine.cancel(runId, BY);
      expect(await end(runId)).toEqual({ state: "cancelled" });
      const told = await waitUntil(
        async () => (await engine.events(runId, 0n)).find(({ code }) => code === "run.cancelled")?.data,
        { what: "The end's event", limitMs: 10_000, remedy: "" },
      );
      expect(told).toEqual({ undone: ["a"], told: ["left after undo a"] });
    });

    it("waits for a step that cannot be recalled, and undoes it as well", async () => {
      const over = Promise.withResolvers<void>();
      await open({
        run: async (context) => {
          await context.step(
            "migrate",
            async (step) => {
              happened.push("migrate");
              await over.promise;
              happened.push(step.signal.aborted ? "aborted" : "migrated");
            },
            { cancel: "waits", compensate: async () => void happened.push("undo migrate") },
          );
          await context.step("after", async () => happened.push("after"));
        },
      });
      const runId = await start();
      await running("migrate");
      await engine.cancel(runId, BY);
      await waitUntil(async () => (await engine.get(runId)).state === "cancelling" || undefined, {
        what: "The cancel being seen",
        limitMs: 10_000,
        remedy: "",
      });
      over.resolve();
      expect(await end(runId)).toEqual({ state: "cancelled" });
      expect(happened).toEqual(["migrate", "migrated", "undo migrate"]);
    });

    it("ends a wait", async () => {
      await open({ run: async (context) => context.waitForSignal("never", { timeoutMs: 600_000 }) });
      const runId = await start();
      await waiting(runId, "never");
      await engine.cancel(runId, BY);
      expect(await end(runId)).toEqual({ state: "cancelled" });
    });

    it("ends the child that is under way, and leaves alone one that has ended", async () => {
      const child = sampleOperation({
        name: "child",
        run: async (context) => {
          await context.step("deep", async () => happened.push("deep"), {
            compensate: async () => void happened.push("undo deep"),
          });
          if (happened.length > 1) await context.waitForSignal("never", { timeoutMs: 600_000 });
        },
      });
      await openWith(
        child,
        sampleOperation({
          name: "sample",
          run: async (context) => {
            await context.child(child, {}, { key: "first" });
            await context.child(child, {}, { key: "second" });
          },
        }),
      );
      const runId = await start();
      await waitUntil(
        async () =>
          (await engine.list({ operation: "child" })).runs.some((one) => one.state === "waiting") || undefined,
        { what: "The second child waiting", limitMs: 10_000, remedy: "" },
      );
      await engine.cancel(runId, BY);
      expect(await end(runId)).toEqual({ state: "cancelled" });
      expect(happened).toEqual(["deep", "deep", "undo deep"]);
      expect((await engine.get(`${runId}.first`)).state).toBe("succeeded");
      expect((await engine.get(`${runId}.second`)).state).toBe("cancelled");
      // The executor is still there to work.
      expect((await engine.plan("child", {}, BY)).operation).toBe("child");
    });

    it("does not hide that its child could not be undone", async () => {
      const child = sampleOperation({
        name: "child",
        run: async (context) => {
          await context.step("deep", async () => 1, { compensate: async () => Promise.reject(new Error("stuck")) });
          await context.waitForSignal("never", { timeoutMs: 600_000 });
        },
      });
      await openWith(
        child,
        sampleOperation({
          name: "sample",
          run: async (context) => {
            await context.step("a", async () => 1, { compensate: async () => void happened.push("undo a") });
            await context.child(child, {}, { key: "only" });
          },
        }),
      );
      const runId = await start();
      await waitUntil(
        async () =>
          (await engine.list({ operation: "child" })).runs.some((one) => one.state === "waiting") || undefined,
        { what: "The child waiting", limitMs: 10_000, remedy: "" },
      );
      await engine.cancel(runId, BY);
      expect(await end(runId)).toMatchObject({
        state: "failed",
        error: { code: "engine.compensation-failed", details: { runId: `${runId}.only`, left: ["deep"] } },
      });
      expect(happened).toEqual(["undo a"]);
    });

    it("says what could not be undone", async () => {
      await open({
        run: async (context) => {
          await context.step("a", async () => 1, { compensate: async () => Promise.reject(new Error("stuck")) });
          await context.waitForSignal("never", { timeoutMs: 600_000 });
        },
      });
      const runId = await start();
      await waiting(runId, "never");
      await engine.cancel(runId, BY);
      expect(await end(runId)).toMatchObject({
        state: "failed",
        error: { code: "engine.compensation-failed", details: { left: ["a"] } },
      });
    });
  });
}
