// A deploy with runs in flight, what the journal does not hold, and what the projection can be rebuilt from.
import { Secret, waitUntil } from "@tidegate/kernel";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunContext } from "../context/run-context.ts";
import { BY_CONTRACT, type Engine } from "../control/engine.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { createDurableEngine } from "./create-durable-engine.ts";
import { LOCK_CLASS } from "./executor-lock.ts";

const BY = { by: "tester", confirm: BY_CONTRACT } as const;
let database: TestDatabase;
let pool: Pool;
let engine: Engine | undefined;
let happened: string[];

beforeEach(async () => {
  happened = [];
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
});
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  await pool.end();
  await database.drop();
});

async function open(operations: readonly AnyOperation[], secrets: readonly Secret[] = []): Promise<Engine> {
  engine = await createDurableEngine({ url: database.url, operations, secrets, onLost: () => undefined });
  return engine;
}

async function close(): Promise<void> {
  await engine?.stop();
  engine = undefined;
}

/** Version n of an operation that waits in its middle. */
function version(n: number): AnyOperation {
  const run = async (context: RunContext) => {
    await context.step(`begin-${n}`, async () => happened.push(`begin-${n}`));
    await context.waitForSignal("go", { timeoutMs: 60_000 });
    return context.step(`end-${n}`, async () => `ended by version ${n}`);
  };
  return { ...sampleOperation({ name: "sample", run }), version: n };
}

async function waiting(on: Engine, runId: string): Promise<void> {
  await waitUntil(async () => ((await on.get(runId)).state === "waiting" ? true : undefined), {
    what: "The wait",
    limitMs: 10_000,
    remedy: "",
  });
}

it("refuses a release that could not finish a run in flight, and says which", async () => {
  const first = await open([version(1)]);
  const { runId } = await first.start("sample", {}, BY);
  await waiting(first, runId);
  await close();
  await expect(open([version(2)])).rejects.toMatchObject({
    code: "engine.runs-of-other-versions",
    message: expect.stringContaining(`${runId} (sample@1)`) as string,
  });
});

it("opens beside runs of operations that it does not have, and shows them as stuck; only who has all refuses", async () => {
  const other = sampleOperation({ name: "other", run: async () => undefined });
  const first = await open([version(1), other]);
  const { runId } = await first.start("sample", {}, BY);
  await waiting(first, runId);
  await close();
  const handler = await open([other]);
  const { runId: own } = await handler.start("other", {}, BY);
  expect(await handler.wait(own, { timeoutMs: 20_000 })).toMatchObject({ state: "succeeded" });
  // As soon as the one that had it is known to be gone.
  await expect
    .poll(async () => (await handler.get(runId)).stuck, { timeout: 20_000 })
    .toContain("No executor has sample@1");
  await close();
  const all = { url: database.url, operations: [other], onLost: () => undefined, answersForAll: true };
  await expect(createDurableEngine(all)).rejects.toMatchObject({ code: "engine.runs-of-other-versions" });
});

it("refuses a release although the run began while it was being opened, and leaves nothing of it", async () => {
  const first = await open([version(1)]);
  const { runId } = await first.start("sample", {}, BY);
  await waiting(first, runId);
  await close();
  // The run is there from the moment on in which the new executor shows itself, and no sooner.
  await queryRows(pool, "UPDATE dbos.workflow_status SET status = 'CANCELLED'");
  await queryRows(
    pool,
    `CREATE FUNCTION begin_now() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN UPDATE dbos.workflow_status SET status = 'PENDING'; RETURN NULL; END $$`,
  );
  await queryRows(
    pool,
    "CREATE TRIGGER begin_now AFTER INSERT ON tidegate_engine.executors FOR EACH ROW EXECUTE FUNCTION begin_now()",
  );
  await expect(open([version(2)])).rejects.toMatchObject({ code: "engine.runs-of-other-versions" });
  const rows = await queryRows(pool, "SELECT 1 FROM tidegate_engine.executors WHERE operations = '{sample@2}'");
  expect(rows).toEqual([]);
});

/** An executor that came later, as the others see it. */
async function withNewerRelease(
  operations: string,
  work: (change: (operations: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const newer = await pool.connect();
  try {
    const { rows } = await newer.query<{ number: bigint }>(
      "INSERT INTO tidegate_engine.executors (id, host, pid, operations) VALUES ('newer', 'there', 1, $1) RETURNING number",
      [operations],
    );
    await newer.query("SELECT pg_advisory_lock($1::int, $2::int)", [LOCK_CLASS, Number(rows[0]?.number)]);
    await work(async (other) => {
      await newer.query("UPDATE tidegate_engine.executors SET operations = $1 WHERE id = 'newer'", [other]);
    });
  } finally {
    await newer.query("SELECT pg_advisory_unlock_all()");
    newer.release();
  }
}

it("begins nothing that a newer release could not finish", async () => {
  const old = await open([version(1)]);
  const sample = { ...BY, lockWaitMs: 0 };
  await withNewerRelease("{sample@2}", async (change) => {
    await expect(old.start("sample", {}, sample)).rejects.toMatchObject({ code: "engine.release-outdated", exit: 75 });
    expect((await old.list({})).runs).toEqual([]);
    // It has both: what begins here can be finished there.
    await change("{sample@1,sample@2}");
    expect(await old.start("sample", {}, sample)).toMatchObject({ isNew: true });
  });
});

it("finishes a run on the version it began with, while new runs take the newest", async () => {
  const first = await open([version(1)]);
  const old = await first.start("sample", {}, BY);
  await waiting(first, old.runId);
  await close();
  const second = await open([version(1), version(2)]);
  const fresh = await second.start("sample", {}, BY);
  await waiting(second, fresh.runId);
  for (const { runId } of [old, fresh]) await second.signal(runId, "go", 1, BY);
  expect(await second.wait(old.runId, { timeoutMs: 20_000 })).toEqual({
    state: "succeeded",
    result: "ended by version 1",
  });
  expect(await second.wait(fresh.runId, { timeoutMs: 20_000 })).toEqual({
    state: "succeeded",
    result: "ended by version 2",
  });
  expect(happened).toEqual(["begin-1", "begin-2"]);
});

it("says that the code changed under a run, instead of doing something else", async () => {
  const first = await open([version(1)]);
  const { runId } = await first.start("sample", {}, BY);
  await waiting(first, runId);
  await close();
  const changed = { ...version(2), version: 1 };
  const second = await open([changed]);
  await second.signal(runId, "go", 1, BY);
  const outcome = await second.wait(runId, { timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ state: "failed", error: { code: "engine.flow-changed" } });
});

it("keeps secrets out of the whole database", async () => {
  const secret = new Secret("correct-horse-battery-staple");
  const leaky = sampleOperation({
    name: "sample",
    run: async (context) => {
      await context.step("result", async () => ({ url: `https://x/?key=${secret.reveal()}` })).catch(() => undefined);
      await context
        .step("error", async () => Promise.reject(new Error(`no ${secret.reveal()}`, { cause: secret.reveal() })))
        .catch(() => undefined);
      await context
        .step(
          "noisy",
          async (step) => {
            step.progress({ done: 1, message: `at ${secret.reveal()}` });
            throw new Error(`again ${secret.reveal()}`);
          },
          { retry: { attempts: 2, baseMs: 1 } },
        )
        .catch(() => undefined);
      throw new Error(`ends with ${encodeURIComponent(secret.reveal())} and ${database.url.reveal()}`);
    },
  });
  const opened = await open([leaky], [secret]);
  const { runId } = await opened.start("sample", {}, BY);
  expect(await opened.wait(runId, { timeoutMs: 20_000 })).toMatchObject({ state: "failed" });
  await expect(opened.start("sample", { tag: secret.reveal() }, BY)).rejects.toMatchObject({
    code: "engine.not-recordable",
  });
  await close();
  const tables = await queryRows<{ name: string }>(
    pool,
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('dbos', 'tidegate_engine', 'public')",
  );
  const password = decodeURIComponent(new URL(database.url.reveal()).password);
  let read = 0;
  for (const { name } of tables) {
    const rows = await queryRows<{ row: string }>(pool, `SELECT t::text AS row FROM ${name} t`);
    for (const { row } of rows) {
      read += row.length;
      expect(row, name).not.toContain(secret.reveal());
      if (password.length >= 8) expect(row, name).not.toContain(password);
    }
  }
  // The run is there: what was looked through is not nothing.
  expect(read).toBeGreaterThan(1_000);
});

it("rebuilds the projection from the engine's history alone", async () => {
  const operation = sampleOperation({
    name: "sample",
    run: async (context) => {
      await context.step("one", async () => 2n ** 70n);
      await context.sleep("nap", 20);
      await context.all(
        "sides",
        ["a", "b"].map((side) => async () => context.step(side, async () => side)),
      );
      await context.step("bad", async () => Promise.reject(new Error("bad")));
    },
  });
  const opened = await open([operation]);
  const { runId } = await opened.start("sample", { tag: "x" }, { ...BY, reason: "why", key: "k" });
  await opened.wait(runId, { timeoutMs: 20_000 });
  await waitUntil(async () => ((await opened.get(runId)).state === "failed" ? true : undefined), {
    what: "The end",
    limitMs: 5_000,
    remedy: "",
  });
  const shown = await opened.get(runId);
  await queryRows(pool, "TRUNCATE tidegate_engine.runs, tidegate_engine.steps, tidegate_engine.events");
  await expect(opened.get(runId)).rejects.toMatchObject({ code: "engine.run-unknown" });
  expect(await opened.rebuild()).toBe(1);
  const withoutTimes = (run: typeof shown) => ({
    ...run,
    startedAt: null,
    endedAt: null,
    steps: run.steps.map((step) => ({ ...step, startedAt: null, endedAt: null })),
  });
  expect(withoutTimes(await opened.get(runId))).toEqual(withoutTimes(shown));
  expect((await opened.events(runId, 0n)).at(-1)?.code).toBe("run.failed");
});

it("refuses to retry a run whose version the newest release does not have, and changes nothing", async () => {
  const failing = sampleOperation({ name: "sample", run: async () => Promise.reject(new Error("no")) });
  const first = await open([failing]);
  const { runId } = await first.start("sample", {}, BY);
  expect(await first.wait(runId, { timeoutMs: 10_000 })).toMatchObject({ state: "failed" });
  await close();
  const second = await open([{ ...failing, version: 2 }]);
  await expect(second.retryFrom(runId, undefined, BY)).rejects.toMatchObject({ code: "engine.run-version-gone" });
  expect(await second.get(runId)).toMatchObject({ state: "failed" });
  const status = "SELECT status FROM dbos.workflow_status WHERE workflow_uuid = $1";
  expect(await queryRows(pool, status, [runId])).toEqual([{ status: "ERROR" }]);
  await close();
  // Of two releases side by side the newer one decides: the older is about to go.
  const both = await open([failing, { ...failing, version: 2 }]);
  await both.retryFrom(runId, undefined, BY);
  expect(await both.wait(runId, { timeoutMs: 10_000 })).toMatchObject({ state: "failed" });
  await withNewerRelease("{sample@2}", async () => {
    await expect(both.retryFrom(runId, undefined, BY)).rejects.toMatchObject({ code: "engine.run-version-gone" });
  });
});

it("keeps secrets out of the journal that came to be known after it was opened", async () => {
  const known: Secret[] = [];
  engine = await createDurableEngine({
    url: database.url,
    operations: [version(1)],
    secrets: () => known,
    onLost: () => undefined,
  });
  const options = { ...BY, reason: "the token is late-made-token-1" };
  expect(await engine.start("sample", {}, options)).toMatchObject({ isNew: true });
  known.push(new Secret("late-made-token-1"));
  await expect(engine.start("sample", {}, options)).rejects.toMatchObject({ code: "engine.not-recordable" });
});

it("ends a run that its executors died of, and lets it run again when that was mended", async () => {
  const steps = async (context: RunContext) => {
    await context.waitForSignal("go", { timeoutMs: 60_000 });
    return context.step("deadly", async () => "alive");
  };
  const deadly = sampleOperation({ name: "sample", run: steps });
  const first = await open([deadly]);
  const { runId } = await first.start("sample", {}, BY);
  await waiting(first, runId);
  await close();
  // As hand-on.ts counts it: eleven executors in a row that died in the same step.
  await queryRows(pool, "UPDATE tidegate_engine.claims SET fruitless_claims = 11 WHERE run_id = $1", [runId]);
  const second = await open([deadly]);
  expect(await second.wait(runId, { timeoutMs: 10_000 })).toMatchObject({
    state: "failed",
    error: { code: "engine.run-keeps-killing", details: { takeovers: 11 } },
  });
  expect(happened).toEqual([]);
  await second.retryFrom(runId, undefined, BY);
  await waiting(second, runId);
  await second.signal(runId, "go", null, BY);
  expect(await second.wait(runId, { timeoutMs: 10_000 })).toEqual({ state: "succeeded", result: "alive" });
});
