// What a takeover changes, and what it leaves alone: rows that are another's by now, that are locked, that are ours and were lost.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { systemClock, waitUntil } from "@tidegate/kernel";
import { createPool, queryRows, type Pool, type PoolClient } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BY_CONTRACT, type Engine } from "../control/engine.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { createDurableEngine } from "./create-durable-engine.ts";
import { LOCK_CLASS } from "./executor-lock.ts";
import { handOn } from "./hand-on.ts";

const BY = { by: "tester", confirm: BY_CONTRACT } as const;
const LOCK_EVENTS = "SELECT pg_advisory_xact_lock(hashtextextended('tidegate_engine.events', 0))";
/** What the issue allows. */
const TAKEOVER_LIMIT_MS = 15_000;

let database: TestDatabase;
let pool: Pool;
let engine: Engine | undefined;
let happened: string[];
beforeEach(async () => {
  happened = [];
  database = await createTestDatabase();
  // Transactions of a stopped process: nothing ends them.
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 4, idleInTransactionTimeoutMs: 0 });
});
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  await pool.end();
  await database.drop();
});

const waits = sampleOperation({
  name: "sample",
  run: async (context) => {
    await context.step("begin", async ({ runId, fence }) => happened.push(`${runId} ${fence.token}`));
    await context.waitForSignal("go", { timeoutMs: 60_000 });
    return context.step("end", async ({ runId, fence }) => happened.push(`${runId} ends ${fence.token}`));
  },
});

async function open(...operations: readonly AnyOperation[]): Promise<Engine> {
  const opened = await createDurableEngine({ url: database.url, operations, onLost: () => undefined });
  engine = opened;
  return opened;
}

async function started(on: Engine, count: number): Promise<readonly string[]> {
  const runs: string[] = [];
  for (let n = 0; n < count; n++) runs.push((await on.start("sample", {}, BY)).runId);
  for (const runId of runs) {
    await seen(async () => (await on.get(runId)).state === "waiting", "The wait");
  }
  return runs;
}

const seen = async (look: () => Promise<boolean>, what: string, limitMs = TAKEOVER_LIMIT_MS): Promise<void> =>
  void (await waitUntil(async () => ((await look()) ? true : undefined), { what, limitMs, everyMs: 50, remedy: "" }));

const fenceOf = async (runId: string): Promise<number> =>
  (await queryRows<{ fence: number }>(pool, "SELECT fence FROM tidegate_engine.claims WHERE run_id = $1", [runId]))[0]
    ?.fence ?? 0;

const rowOf = async (runId: string): Promise<{ status: string; executor_id: string; queue_name: string | null }> => {
  const [row] = await queryRows<{ status: string; executor_id: string; queue_name: string | null }>(
    pool,
    "SELECT status, executor_id, queue_name FROM dbos.workflow_status WHERE workflow_uuid = $1",
    [runId],
  );
  if (row === undefined) throw new Error(`${runId} is not there`);
  return row;
};

it("takes over although the turn of storing events is held by somebody who is stopped", async () => {
  const first = await open(waits);
  const [runId = ""] = await started(first, 1);
  await first.stop();
  const stopped = await pool.connect();
  try {
    await stopped.query("BEGIN");
    await stopped.query(LOCK_EVENTS);
    await open(waits);
    await seen(async () => (await fenceOf(runId)) === 2, "The takeover");
  } finally {
    await stopped.query("ROLLBACK");
    stopped.release();
  }
});

it("hands on the other runs while one row is held, and that one when it is free", async () => {
  const first = await open(waits);
  const [held = "", free = ""] = await started(first, 2);
  await first.stop();
  const stopped = await pool.connect();
  try {
    await stopped.query("BEGIN");
    await stopped.query("SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = $1 FOR NO KEY UPDATE", [held]);
    await open(waits);
    await seen(async () => (await fenceOf(free)) === 2, "The takeover of the other");
    expect(await fenceOf(held)).toBe(1);
    await stopped.query("ROLLBACK");
    await seen(async () => (await fenceOf(held)) === 2, "The takeover of the one");
  } finally {
    stopped.release();
  }
  // And then the executor that is gone is done with.
  const others = async () => queryRows(pool, "SELECT id FROM tidegate_engine.executors");
  await seen(async () => (await others()).length === 1, "One executor");
});

it("takes nothing from whoever has a run by now, and does not revive what was cancelled", async () => {
  const first = await open(waits);
  const [moved = "", cancelled = "", left = ""] = await started(first, 3);
  const lives = await pool.connect();
  try {
    // The engine's own sweep keeps away from both.
    for (const id of ["gone", "another"]) await showExecutor(lives, id);
    await queryRows(pool, "UPDATE dbos.workflow_status SET executor_id = 'gone', owner_xid = 'gone'");
    // While somebody else changes two of them.
    await lives.query("BEGIN");
    await lives.query("UPDATE dbos.workflow_status SET executor_id = 'another' WHERE workflow_uuid = $1", [moved]);
    await lives.query("UPDATE dbos.workflow_status SET status = 'CANCELLED' WHERE workflow_uuid = $1", [cancelled]);
    const handing = handOn(pool, { of: "executor", executor: "gone" });
    // Either it waits for the rows, or it is done.
    const isWaiting = async (): Promise<boolean> =>
      (await queryRows(pool, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length > 0;
    await seen(async () => (await isWaiting()) || (await rowOf(left)).status === "ENQUEUED", "The handing on");
    await lives.query("COMMIT");
    expect(await handing).toEqual([{ id: left, executor: "gone" }]);
    expect(await rowOf(moved)).toMatchObject({ status: "PENDING", executor_id: "another" });
    expect(await rowOf(cancelled)).toMatchObject({ status: "CANCELLED" });
  } finally {
    await lives.query("SELECT pg_advisory_unlock_all()");
    lives.release();
  }
});

/** A row of an executor, whose lock this session holds. */
async function showExecutor(session: PoolClient, id: string): Promise<void> {
  const { rows } = await session.query<{ number: bigint }>(
    "INSERT INTO tidegate_engine.executors (id, host, pid, operations) VALUES ($1, 'there', 1, '{sample@1}') RETURNING number",
    [id],
  );
  await session.query("SELECT pg_advisory_lock($1::int, $2::int)", [LOCK_CLASS, Number(rows[0]?.number)]);
}

it("sets the columns that DBOS's own resuming sets", async () => {
  const first = await open(waits);
  const [ours = "", theirs = ""] = await started(first, 2);
  await queryRows(
    pool,
    "UPDATE dbos.workflow_status SET executor_id = 'gone', recovery_attempts = 7, completed_at = 1, deduplication_id = workflow_uuid",
  );
  // Nobody listens to it, so nothing picks them up before they were compared.
  await queryRows(pool, "UPDATE dbos.workflow_status SET attributes = jsonb_set(attributes, '{version}', '9')");
  await DBOS.resumeWorkflows([theirs], { queueName: "tidegate:sample@9" });
  await handOn(pool, { of: "executor", executor: "gone" });
  const rows = await queryRows<{ row: Record<string, unknown> }>(
    pool,
    `SELECT to_jsonb(w) - '{workflow_uuid,inputs,created_at,updated_at,executor_id,creator_xid,retention_timestamp}'::text[] AS row
       FROM dbos.workflow_status w WHERE workflow_uuid = ANY ($1)`,
    [[ours, theirs]],
  );
  expect(rows[0]?.row).toEqual(rows[1]?.row);
  expect(rows[0]?.row).toMatchObject({ status: "ENQUEUED", owner_xid: null });
});

it("lets go of a run that is another's now, so that stopping does not wait for it", async () => {
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = sampleOperation({
    name: "sample",
    run: async (context) =>
      context.step("slow", async () => {
        begun.resolve();
        await goOn.promise;
      }),
  });
  const first = await open(slow);
  const { runId } = await first.start("sample", {}, BY);
  await begun.promise;
  await queryRows(
    pool,
    "UPDATE dbos.workflow_status SET owner_xid = 'another', executor_id = 'another' WHERE workflow_uuid = $1",
    [runId],
  );
  // Another executor, and it lives.
  await queryRows(
    pool,
    "INSERT INTO tidegate_engine.executors (id, host, pid, operations) VALUES ('another', 'there', 1, '{sample@1}')",
  );
  goOn.resolve();
  const sinceMs = performance.now();
  await first.stop({ drainMs: 20_000 });
  engine = undefined;
  expect(performance.now() - sinceMs).toBeLessThan(10_000);
});

it("resumes what DBOS gave to it and never dispatched", async () => {
  const first = await open(waits);
  const [runId = ""] = await started(first, 1);
  // The claim was committed, its answer was lost: the row is ours, and nothing here knows of it.
  await queryRows(
    pool,
    `INSERT INTO dbos.workflow_status
     SELECT (jsonb_populate_record(w, '{"workflow_uuid": "lost-1", "owner_xid": "a lost claim"}')).* FROM dbos.workflow_status w WHERE workflow_uuid = $1`,
    [runId],
  );
  await queryRows(
    pool,
    "INSERT INTO dbos.workflow_input (workflow_uuid, inputs) SELECT 'lost-1', replace(inputs, $1, 'lost-1') FROM dbos.workflow_input",
    [runId],
  );
  await seen(async () => happened.includes("lost-1 1"), "Its execution", 30_000);
  // The one that is executed was left alone.
  expect(await fenceOf(runId)).toBe(1);
});

it("shows no run that DBOS does not have", async () => {
  const first = await open(waits);
  await queryRows(
    pool,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed here'; END $$`,
  );
  await queryRows(
    pool,
    "CREATE TRIGGER refuse BEFORE INSERT ON dbos.workflow_status FOR EACH ROW EXECUTE FUNCTION refuse()",
  );
  await expect(first.start("sample", {}, BY)).rejects.toThrow("killed here");
  await queryRows(pool, "DROP TRIGGER refuse ON dbos.workflow_status");
  // What was taken before is stored before.
  const { runId } = await first.start("sample", {}, BY);
  expect((await first.list({})).runs.map((run) => run.id)).toEqual([runId]);
});

it("takes over while a schedule observes for long, and stops without waiting for it", async () => {
  const first = await open(waits);
  const [runId = ""] = await started(first, 1);
  await first.stop();
  const observing = Promise.withResolvers<void>();
  const slow: AnyOperation = {
    ...sampleOperation({ name: "slow", run: async () => undefined }),
    observe: async (_input: unknown, { signal }: { readonly signal: AbortSignal }) => {
      observing.resolve();
      await systemClock.sleep(40_000, signal);
      return {};
    },
  };
  await queryRows(
    pool,
    `INSERT INTO tidegate_engine.schedules (name, operation, input, cron, time_zone, missed, lock_wait_ms, ticked_until)
     VALUES ('slow', 'slow', '{}', '* * * * * *', 'UTC', 'latest', 0, now())`,
  );
  // Not gone yet for the next one: its session is held, until the schedule observes.
  const holder = await pool.connect();
  try {
    await holder.query(
      `SELECT pg_advisory_lock(${LOCK_CLASS}, number::int) FROM tidegate_engine.executors ORDER BY number LIMIT 1`,
    );
    const second = await open(waits, slow);
    await observing.promise;
    await holder.query("SELECT pg_advisory_unlock_all()");
    await seen(async () => (await fenceOf(runId)) === 2, "The takeover");
    const sinceMs = performance.now();
    await second.stop();
    engine = undefined;
    expect(performance.now() - sinceMs).toBeLessThan(10_000);
  } finally {
    holder.release();
  }
});

it("tells the end of a run that is shown as unfinished, when nobody else does", async () => {
  const first = await open(waits);
  const [runId = ""] = await started(first, 1);
  await first.signal(runId, "go", 1, BY);
  await seen(async () => (await first.get(runId)).state === "succeeded", "The end");
  // As after a retry that was told, and whose teller was killed before DBOS had it.
  await queryRows(pool, "UPDATE tidegate_engine.runs SET state = 'queued', ended_at = NULL");
  const sinceMs = performance.now();
  await seen(async () => (await first.get(runId)).state === "succeeded", "The end being told", 30_000);
  // A retry in its middle looks the same.
  expect(performance.now() - sinceMs).toBeGreaterThan(8_000);
});
