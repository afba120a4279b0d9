// Running again from where a run ended.
import { describe, expect, it } from "vitest";
import { sampleOperation } from "../testing/sample-operations.ts";
import { BY, type Harness } from "./harness.ts";

export function describeRetrying({ openWith, engine, happened, open, start, end, waiting }: Harness): void {
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
