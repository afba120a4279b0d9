// Plans, keys, confirmation, locks.
import { waitUntil } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import type { RunContext } from "../context/run-context.ts";
import { BY_CONTRACT } from "../control/engine.ts";
import { BY, type Harness } from "./harness.ts";

export function describeStarting({ engine, happened, open, start, end, waiting }: Harness): void {
  describe("starting", () => {
    const hasManyRows = (observation: unknown): boolean => (observation as { readonly rows: bigint }).rows > 2n;
    const once = (context: RunContext) => context.step("do", async () => happened.push("do"));

    it("starts nothing twice for a key, and refuses the key with another input", async () => {
      await open({ run: once });
      const options = { ...BY, confirm: BY_CONTRACT, key: "k1" } as const;
      const [first, second] = await Promise.all([
        engine.start("sample", {}, options),
        engine.start("sample", {}, options),
      ]);
      expect(second.runId).toBe(first.runId);
      expect([first, second].map((one) => String(one.isNew)).toSorted()).toEqual(["false", "true"]);
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

    it("works by the world as it is when the lock is free, where no plan was approved", async () => {
      let rows = 1n;
      const run = async (context: RunContext): Promise<unknown> =>
        context.waitForSignal("go", { timeoutMs: 10_000 }).then(() => rows);
      await open({ run, lock: "the lock", observe: () => ({ rows }), destroys: hasManyRows });
      const holder = await engine.start("sample", {}, BY);
      await waiting(holder.runId, "go");
      const lockWaitMs = 10_000;
      const plan = await engine.plan("sample", {}, BY);
      const others = {
        started: await engine.start("sample", {}, { ...BY, lockWaitMs }),
        byContract: await engine.start("sample", {}, { ...BY, lockWaitMs, confirm: BY_CONTRACT }),
        applied: await engine.apply(plan.id, { ...BY, lockWaitMs }),
      };
      // Each waits for the lock, one after the other, in any order; each finds three rows in the place of one.
      rows = 3n;
      for (const { runId } of [...Object.values(others), holder]) await engine.signal(runId, "go", 1, BY);
      expect(await end(holder.runId)).toMatchObject({ state: "succeeded" });
      // What was not to destroy anything would now: nobody agreed to that.
      expect(await end(others.started.runId)).toMatchObject({
        state: "failed",
        error: { code: "engine.confirmation-missing" },
      });
      expect(await end(others.byContract.runId)).toMatchObject({ state: "succeeded", result: 3n });
      expect(await end(others.applied.runId)).toMatchObject({ state: "failed", error: { code: "engine.plan-stale" } });
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
      // What a run observed is shown soon after it, not before its end is known.
      await waitUntil(async () => ((await engine.get(runId)).plan === null ? undefined : true), {
        what: "The plan being shown",
        limitMs: 5_000,
        remedy: "",
      });
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
        async () => engine.wait("no", { timeoutMs: 10_000 }),
        async () => engine.cancel("no", BY),
        async () => engine.retryFrom("no", undefined, BY),
      ];
      for (const ask of asks) await expect(ask()).rejects.toMatchObject({ code: "engine.run-unknown" });
      await expect(engine.getPlan("no")).rejects.toMatchObject({ code: "engine.plan-unknown" });
    });
  });
}
