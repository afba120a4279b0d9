// Steps, alone and side by side.
import { describe, expect, it } from "vitest";
import type { RunContext } from "../context/run-context.ts";
import { BY_CONTRACT } from "../control/engine.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { BY, SECRET, type Harness } from "./harness.ts";

export function describeSteps({ engine, happened, openWith, open, run, start, end }: Harness): void {
  describe("steps", () => {
    it("records results exactly", async () => {
      const exact = {
        big: 2n ** 200n,
        at: new Date(0),
        nothing: undefined,
        map: new Map([[1n, new Set(["x"])]]),
        zero: -0,
        nan: Number.NaN,
      };
      const outcome = await run(async (context) => {
        const first = await context.step("one", async () => exact);
        return { first, bytes: await context.step("two", async () => new Uint8Array([0, 255])) };
      });
      expect(outcome).toEqual({ state: "succeeded", result: { first: exact, bytes: new Uint8Array([0, 255]) } });
    });

    it("gives an idempotency key of run and step, a token and a signal", async () => {
      const outcome = await run(async (context) =>
        context.step("one", async ({ idempotencyKey, fence, signal, attempt, runId }) => ({
          isKey: idempotencyKey === `${runId}/one`,
          token: fence.token,
          aborted: signal.aborted,
          attempt,
        })),
      );
      expect(outcome).toEqual({ state: "succeeded", result: { isKey: true, token: 1, aborted: false, attempt: 1 } });
    });

    it("fails the run with the step's own error, code and causes", async () => {
      const outcome = await run(async (context) =>
        context.step("one", async () => {
          throw new Error("outer", { cause: new TypeError("inner") });
        }),
      );
      expect(outcome).toMatchObject({
        state: "failed",
        error: { message: "outer", cause: { name: "TypeError", message: "inner" } },
      });
      const shown = await engine.get((await engine.list({})).runs[0]?.id ?? "");
      expect(shown.steps.map((step) => [step.name, step.state])).toEqual([
        ["observe", "succeeded"],
        ["one", "failed"],
      ]);
    });

    it("lets the flow catch a step's error and go on", async () => {
      const outcome = await run(async (context) => {
        const got = await context
          .step("one", async () => Promise.reject(new Error("no")))
          .catch((error: Error) => error.message);
        return context.step("two", async () => `${got}, but`);
      });
      expect(outcome).toEqual({ state: "succeeded", result: "no, but" });
    });

    it("tries again by policy, and says how often", async () => {
      const outcome = await run(async (context) =>
        context.step(
          "one",
          async ({ attempt }) => {
            if (attempt < 3) throw new Error("not yet");
            return attempt;
          },
          { retry: { attempts: 5, baseMs: 1 } },
        ),
      );
      expect(outcome).toEqual({ state: "succeeded", result: 3 });
    });

    it("times out a step that ignores its signal", async () => {
      const outcome = await run(async (context) =>
        context.step("one", async () => new Promise(() => undefined), { timeoutMs: 50 }),
      );
      expect(outcome).toMatchObject({ state: "failed", error: { code: "engine.step-timed-out" } });
    });

    it.each([
      ["used twice", "one", "engine.step-name-invalid"],
      ["the engine's own", "observe", "engine.step-name-invalid"],
      ["with a colon", "a:b", "engine.step-name-invalid"],
      ["empty", "", "engine.step-name-invalid"],
    ])("refuses a name that is %s", async (_, second, code) => {
      const outcome = await run(async (context) => {
        await context.step("one", async () => 1);
        return context.step(second, async () => 2);
      });
      expect(outcome).toMatchObject({ state: "failed", error: { code } });
    });

    it("refuses to record what is not plain data, and secrets", async () => {
      const outcome = await run(async (context) => context.step("one", async () => new URL("http://thing")));
      expect(outcome).toMatchObject({ state: "failed", error: { code: "engine.not-recordable" } });
    });

    it("refuses a result that holds a secret, and blots it out of errors", async () => {
      await open({
        run: async (context) => {
          await context.step("one", async () => `url?key=${SECRET.reveal()}`).catch(() => undefined);
          return context.step("two", async () => Promise.reject(new Error(`login with ${SECRET.reveal()} failed`)));
        },
      });
      const runId = await start();
      const outcome = await end(runId);
      expect(outcome).toMatchObject({ state: "failed", error: { message: "login with [secret] failed" } });
      const seen = JSON.stringify([await engine.get(runId), await engine.events(runId, 0n)], (_key, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      );
      expect(seen).toContain("engine.not-recordable");
      expect(seen).not.toContain(SECRET.reveal());
    });

    it("shows a step's progress", async () => {
      await open({
        run: async (context) =>
          context.step("one", async (step) => {
            step.progress({ done: 1, total: 2, unit: "rows" });
          }),
      });
      const runId = await start();
      await end(runId);
      const events = await engine.events(runId, 0n);
      expect(events.find((event) => event.code === "step.progress")?.data).toEqual({
        progress: { done: 1, total: 2, unit: "rows" },
      });
    });
  });

  describe("all", () => {
    it("runs side by side and gives results in order", async () => {
      const both = Promise.withResolvers<void>();
      let begun = 0;
      const outcome = await run(async (context) =>
        context.all(
          "sides",
          ["a", "b", "c"].map(
            (side) => async () =>
              context.step(side, async () => {
                if (++begun === 3) both.resolve();
                await both.promise;
                return side;
              }),
          ),
        ),
      );
      expect(outcome).toEqual({ state: "succeeded", result: ["a", "b", "c"] });
    });

    it("waits for all, then throws the first error in order", async () => {
      const outcome = await run(async (context) =>
        context.all("sides", [
          async () =>
            context.step("slow", async () =>
              new Promise((resolve) => setTimeout(resolve, 50)).then(() => happened.push("slow")),
            ),
          async () => context.step("second", async () => Promise.reject(new Error("second"))),
          async () => context.step("third", async () => Promise.reject(new Error("third"))),
        ]),
      );
      expect(outcome).toMatchObject({ state: "failed", error: { message: "second" } });
      expect(happened).toEqual(["slow"]);
    });

    it("refuses a branch with two calls, with none, and calls side by side outside of it", async () => {
      const step = (context: RunContext, name: string) => context.step(name, async () => name);
      await openWith(
        sampleOperation({
          name: "two",
          run: async (context) => context.all("x", [async () => [await step(context, "a"), await step(context, "b")]]),
        }),
        sampleOperation({ name: "none", run: async (context) => context.all("x", [async () => 1]) }),
        sampleOperation({
          name: "outside",
          run: async (context) => Promise.all([step(context, "a"), step(context, "b")]),
        }),
      );
      for (const [operation, code] of [
        ["two", "engine.step-name-invalid"],
        ["none", "engine.branch-invalid"],
        ["outside", "engine.step-name-invalid"],
      ] as const) {
        const { runId } = await engine.start(operation, {}, { ...BY, confirm: BY_CONTRACT });
        expect(await end(runId)).toMatchObject({ state: "failed", error: { code } });
      }
    });
  });
}
