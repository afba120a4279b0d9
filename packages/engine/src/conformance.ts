// What every engine must do, whatever it keeps its journal in. Ground truth is written down by the effects themselves.
import { Secret, waitUntil } from "@tidegate/kernel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RunContext } from "./context/run-context.ts";
import { BY_CONTRACT, type Engine, type RunOutcome } from "./control/engine.ts";
import type { AnyOperation } from "./operation/operation.ts";
import { sampleOperation, type SampleOptions } from "./testing/sample-operations.ts";

export interface EngineUnderTest {
  open(options: { readonly operations: readonly AnyOperation[]; readonly secrets: readonly Secret[] }): Promise<Engine>;
  close(engine: Engine): Promise<void>;
}

const SECRET = new Secret("correct-horse-battery");
const BY = { by: "tester" };

export function describeEngine(name: string, under: EngineUnderTest): void {
  describe(name, () => {
    let engine: Engine;
    let happened: string[];
    beforeEach(() => {
      happened = [];
    });
    afterEach(async () => under.close(engine));

    const openWith = async (...operations: readonly AnyOperation[]): Promise<void> => {
      engine = await under.open({ operations, secrets: [SECRET] });
    };
    const open = async (options: Omit<SampleOptions, "name"> & { readonly name?: string }): Promise<void> =>
      openWith(sampleOperation({ name: "sample", ...options }));
    const start = async (): Promise<string> =>
      (await engine.start("sample", {}, { ...BY, confirm: BY_CONTRACT })).runId;
    const end = async (runId: string): Promise<RunOutcome> => {
      const outcome = await engine.wait(runId, { timeoutMs: 20_000 });
      if (outcome === "unfinished") throw new Error(`${runId} did not end`);
      return outcome;
    };
    const run = async (flow: (context: RunContext) => Promise<unknown>): Promise<RunOutcome> => {
      await open({ run: flow });
      return end(await start());
    };
    const waiting = async (runId: string, step: string): Promise<true> =>
      waitUntil(
        async () =>
          (await engine.get(runId)).steps.some((one) => one.name === step && one.state === "waiting") || undefined,
        { what: `${step} waiting`, limitMs: 10_000, remedy: "" },
      );
    const running = async (step: string): Promise<true> =>
      waitUntil(() => happened.includes(step) || undefined, { what: `${step} running`, limitMs: 10_000, remedy: "" });

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
        const outcome = await run(async (context) => context.step("one", async () => new (class Thing {})()));
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
            run: async (context) =>
              context.all("x", [async () => [await step(context, "a"), await step(context, "b")]]),
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

      it("ends a wait", async () => {
        await open({ run: async (context) => context.waitForSignal("never", { timeoutMs: 600_000 }) });
        const runId = await start();
        await waiting(runId, "never");
        await engine.cancel(runId, BY);
        expect(await end(runId)).toEqual({ state: "cancelled" });
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

    describe("starting", () => {
      const once = (context: RunContext) => context.step("do", async () => happened.push("do"));

      it("starts nothing twice for a key, and refuses the key with another input", async () => {
        await open({ run: once });
        const options = { ...BY, confirm: BY_CONTRACT, key: "k1" } as const;
        const [first, second] = await Promise.all([
          engine.start("sample", {}, options),
          engine.start("sample", {}, options),
        ]);
        expect(second.runId).toBe(first.runId);
        expect([first.isNew, second.isNew].toSorted()).toEqual([false, true]);
        await end(first.runId);
        expect(await engine.start("sample", {}, options)).toEqual({ runId: first.runId, isNew: false });
        await expect(engine.start("sample", { tag: "other" }, options)).rejects.toMatchObject({
          code: "engine.start-key-reused",
        });
        expect(happened).toEqual(["do"]);
      });

      it("attaches to an unfinished run of a key, and starts a new one afterwards", async () => {
        await open({ run: async (context) => context.waitForSignal("go", { timeoutMs: 10_000 }) });
        const options = { ...BY, confirm: BY_CONTRACT, key: "event", keyScope: "unfinished" } as const;
        const first = await engine.start("sample", {}, options);
        expect(await engine.start("sample", {}, options)).toEqual({ runId: first.runId, isNew: false });
        await engine.signal(first.runId, "go", 1, BY);
        await end(first.runId);
        const second = await engine.start("sample", {}, options);
        expect(second.isNew).toBe(true);
        expect(second.runId).not.toBe(first.runId);
        await engine.signal(second.runId, "go", 1, BY);
        await end(second.runId);
      });

      it("shows a plan, applies exactly it, and refuses it when the world has changed, saying what", async () => {
        let rows = 5n;
        let estimate = 1;
        await open({ run: once, observe: () => ({ table: { rows }, estimate: estimate++ }), volatile: ["estimate"] });
        const plan = await engine.plan("sample", { tag: "t" }, BY);
        expect(await engine.getPlan(plan.id)).toEqual(plan);
        expect(happened).toEqual([]);
        rows = 6n;
        await expect(engine.apply(plan.id, BY)).rejects.toMatchObject({
          code: "engine.plan-stale",
          changes: [{ path: "observation.table.rows", planned: "5", now: "6" }],
        });
        rows = 5n;
        const { runId } = await engine.apply(plan.id, BY);
        expect(await end(runId)).toMatchObject({ state: "succeeded" });
        expect(await engine.get(runId)).toMatchObject({ planId: plan.id, input: { tag: "t" }, plan: plan.draft });
      });

      it("needs the target's name for what destroys", async () => {
        await open({ run: once, destroys: true });
        const plan = await engine.plan("sample", {}, BY);
        await expect(engine.apply(plan.id, BY)).rejects.toMatchObject({ code: "engine.confirmation-missing" });
        await expect(engine.apply(plan.id, { ...BY, confirm: "something" })).rejects.toMatchObject({
          code: "engine.confirmation-missing",
        });
        const { runId } = await engine.apply(plan.id, { ...BY, confirm: "the sample" });
        expect(await end(runId)).toMatchObject({ state: "succeeded" });
      });

      it("refuses a held lock at once, naming holder, run and reason, or waits for it", async () => {
        await open({ lock: "the-lock", run: async (context) => context.waitForSignal("go", { timeoutMs: 10_000 }) });
        const { runId } = await engine.start("sample", {}, { ...BY, confirm: BY_CONTRACT, reason: "because" });
        await waiting(runId, "go");
        expect(await engine.locks()).toMatchObject([{ name: "the-lock", runId, holder: "tester", reason: "because" }]);
        await expect(engine.start("sample", {}, { by: "other", confirm: BY_CONTRACT })).rejects.toMatchObject({
          code: "engine.lock-held",
          message: expect.stringMatching(`tester with run ${runId} .* because: because`) as string,
        });
        const second = await engine.start("sample", {}, { by: "other", confirm: BY_CONTRACT, lockWaitMs: 10_000 });
        await engine.signal(runId, "go", 1, BY);
        await end(runId);
        await waiting(second.runId, "go");
        await engine.signal(second.runId, "go", 1, BY);
        expect(await end(second.runId)).toMatchObject({ state: "succeeded" });
        await waitUntil(async () => ((await engine.locks()).length === 0 ? true : undefined), {
          what: "No lock",
          limitMs: 5_000,
          remedy: "",
        });
      });

      it("gives up waiting for a lock", async () => {
        await open({ lock: "the-lock", run: async (context) => context.waitForSignal("go", { timeoutMs: 10_000 }) });
        const first = await start();
        await waiting(first, "go");
        const second = await engine.start("sample", {}, { ...BY, confirm: BY_CONTRACT, lockWaitMs: 300 });
        expect(await end(second.runId)).toMatchObject({ state: "failed", error: { code: "engine.lock-held" } });
        await engine.signal(first, "go", 1, BY);
        await end(first);
      });

      it("refuses what is not there and what is not allowed", async () => {
        await open({ run: once });
        await expect(engine.start("sampel", {}, BY)).rejects.toMatchObject({
          code: "engine.operation-unknown",
          remedy: expect.stringContaining('"sample"') as string,
        });
        await expect(engine.start("sample", { tag: 1, more: true }, BY)).rejects.toMatchObject({
          code: "engine.input-invalid",
          problems: [
            { path: "tag", value: "1", problem: "must be text" },
            { path: "more", value: "true", problem: "is not a known field" },
          ],
        });
        const asks = [
          async () => engine.get("no"),
          async () => engine.wait("no", { timeoutMs: 10 }),
          async () => engine.cancel("no", BY),
          async () => engine.retryFrom("no", undefined, BY),
        ];
        for (const ask of asks) await expect(ask()).rejects.toMatchObject({ code: "engine.run-unknown" });
        await expect(engine.getPlan("no")).rejects.toMatchObject({ code: "engine.plan-unknown" });
      });
    });
  });
}
