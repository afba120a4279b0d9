// Cancelling, undoing, running again.
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

  describe("retry", () => {
    it("keeps what succeeded and runs on from the failed step", async () => {
      let isMended = false;
      await open({
        run: async (context) => {
          const first = await context.step("first", async () => happened.push("first"));
          await context.step("second", async () => {
            happened.push("second");
            if (!isMended) throw new Error("broken");
          });
          return first + (await context.step("third", async () => happened.push("third")));
        },
      });
      const runId = await start();
      expect(await end(runId)).toMatchObject({ state: "failed" });
      await expect(engine.retryFrom(runId, "nonesuch", BY)).rejects.toMatchObject({ code: "engine.step-unknown" });
      isMended = true;
      await engine.retryFrom(runId, undefined, BY);
      expect(await end(runId)).toMatchObject({ state: "succeeded" });
      expect(happened).toEqual(["first", "second", "second", "third"]);
      await expect(engine.retryFrom(runId, undefined, BY)).rejects.toMatchObject({
        code: "engine.run-not-retryable",
      });
    });

    it("does again what a cancel has undone", async () => {
      let isFirst = true;
      await open({
        run: async (context) => {
          await context.step("a", async () => happened.push("a"), {
            compensate: async () => void happened.push("undo a"),
          });
          if (isFirst) await context.waitForSignal("never", { timeoutMs: 600_000 });
          return "done";
        },
      });
      const runId = await start();
      await waiting(runId, "never");
      await engine.cancel(runId, BY);
      await end(runId);
      isFirst = false;
      await engine.retryFrom(runId, undefined, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: "done" });
      expect(happened).toEqual(["a", "undo a", "a"]);
    });

    it("goes on from a child that failed, and the child from where it failed", async () => {
      let isMended = false;
      const child = sampleOperation({
        name: "child",
        run: async (context) => {
          await context.step("before", async () => happened.push("before"));
          return context.step("deep", async () => {
            happened.push("deep");
            if (!isMended) throw new Error("broken deep down");
            return "mended";
          });
        },
      });
      await openWith(
        child,
        sampleOperation({
          name: "sample",
          run: async (context) => {
            try {
              return await context.child(child, {}, { key: "only" });
            } finally {
              await context.step("tidy", async () => happened.push("tidy"));
            }
          },
        }),
      );
      const runId = await start();
      expect(await end(runId)).toMatchObject({ state: "failed", error: { message: "broken deep down" } });
      isMended = true;
      await engine.retryFrom(runId, undefined, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: "mended" });
      expect(happened).toEqual(["before", "deep", "tidy", "deep", "tidy"]);
    });

    it("asks again for an approval that was refused, or that nobody gave", async () => {
      let timeoutMs = 1;
      await open({
        run: async (context) => {
          await context.step("a", async () => happened.push("a"));
          await context.waitForApproval("ship", { timeoutMs, question: "Ship it?" });
          return "shipped";
        },
      });
      const runId = await start();
      expect(await end(runId)).toMatchObject({ state: "failed", error: { code: "engine.approval-timed-out" } });
      timeoutMs = 600_000;
      await engine.retryFrom(runId, undefined, BY);
      await waiting(runId, "ship");
      await engine.approve(runId, { approved: false, comment: "not yet" }, BY);
      expect(await end(runId)).toMatchObject({ state: "failed", error: { code: "engine.approval-refused" } });
      await engine.retryFrom(runId, undefined, BY);
      await waiting(runId, "ship");
      await engine.approve(runId, { approved: true }, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: "shipped" });
      expect(happened).toEqual(["a"]);
    });

    it("leaves a failure alone that the flow got over, and goes on at the end", async () => {
      let isMended = false;
      await open({
        run: async (context) => {
          await context
            .step("optional", async () => {
              happened.push("optional");
              throw new Error("not there");
            })
            .catch(() => undefined);
          await context.step("needed", async () => new Promise((resolve) => setTimeout(resolve, 5)));
          if (!isMended) throw new Error("a mistake of the flow");
          return "done";
        },
      });
      const runId = await start();
      expect(await end(runId)).toMatchObject({ state: "failed" });
      isMended = true;
      await engine.retryFrom(runId, undefined, BY);
      expect(await end(runId)).toEqual({ state: "succeeded", result: "done" });
      expect(happened).toEqual(["optional"]);
    });

    it("lets one of several at once have it", async () => {
      let isMended = false;
      await open({
        run: async (context) =>
          context.step("only", async () => {
            happened.push("only");
            if (!isMended) throw new Error("broken");
          }),
      });
      const runId = await start();
      await end(runId);
      isMended = true;
      const tries = await Promise.allSettled([1, 2, 3].map(async () => engine.retryFrom(runId, undefined, BY)));
      const refused = tries.flatMap((one) => (one.status === "rejected" ? [one.reason as { code: string }] : []));
      expect(refused.map((reason) => reason.code)).toEqual(["engine.run-not-retryable", "engine.run-not-retryable"]);
      expect(await end(runId)).toMatchObject({ state: "succeeded" });
      expect(happened).toEqual(["only", "only"]);
    });

    it("goes on from a named earlier step", async () => {
      let isMended = false;
      await open({
        run: async (context) => {
          await context.step("a", async () => happened.push("a"));
          await context.step("b", async () => happened.push("b"));
          await context.step("c", async () => (isMended ? 1 : Promise.reject(new Error("no"))));
        },
      });
      const runId = await start();
      await end(runId);
      isMended = true;
      await engine.retryFrom(runId, "b", BY);
      expect(await end(runId)).toMatchObject({ state: "succeeded" });
      expect(happened).toEqual(["a", "b", "b"]);
    });
  });
}
