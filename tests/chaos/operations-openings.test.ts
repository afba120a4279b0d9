// Operators that open at the same moment on a database that is new to all of them, as a service does that is rolled out with several.
import { seededRandom, systemClock, waitUntil } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
const ROUNDS = 3;
/** How long DBOS's migrations of a new database take here, about. */
const LAUNCH_MS = 800;

it("opens all of four, and each can start a run", async () => {
  await using cleanup = new AsyncDisposableStack();
  const { opening } = await openAtOnce(cleanup, 4);
  const operators = await Promise.all(opening);
  for (const { url } of operators) await rehearse(url);
});

it(
  `opens the others when the one that prepares the database is killed in it (SEED=${seed})`,
  { timeout: 240_000 },
  async () => {
    const random = seededRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      await using cleanup = new AsyncDisposableStack();
      const { opening, pool } = await openAtOnce(cleanup, 3);
      const settled = Promise.allSettled(opening);
      const pid = await launching(pool);
      await systemClock.sleep(random.next() * LAUNCH_MS);
      process.kill(pid, "SIGKILL");
      // It may have come to its end before, and is one of the opened then.
      const opened = (await settled).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const left = opened.filter((one) => one.pid !== pid);
      expect(left).toHaveLength(2);
      for (const { url } of left) await rehearse(url);
    }
  },
);

async function openAtOnce(
  cleanup: AsyncDisposableStack,
  count: number,
): Promise<{ readonly opening: ReadonlyArray<Promise<OperatorProcess>>; readonly pool: Pool }> {
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 1 });
  cleanup.defer(async () => pool.end());
  const folder = operatorFolder();
  cleanup.defer(folder.remove);
  const opening = Array.from({ length: count }, async () => startOperator(folder.path, { databaseUrl: database.url }));
  for (const one of opening) {
    cleanup.defer(async () =>
      one.then(
        async ({ kill }) => kill(),
        () => undefined,
      ),
    );
  }
  return { opening, pool };
}

/** The executor's session holds two locks: the launch, and the one of its number. */
const LAUNCHING = `
  SELECT e.id FROM pg_locks launch JOIN pg_locks own USING (pid, database)
    JOIN tidegate_engine.executors e ON e.number = own.objid::bigint
   WHERE launch.locktype = 'advisory' AND launch.granted AND launch.objsubid = 1 AND own.locktype = 'advisory' AND own.objsubid = 2
     AND launch.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND (launch.classid::bigint << 32 | launch.objid::bigint) = hashtextextended('tidegate_engine.launch', 0)`;

/** The process that launches: its executor's id has it. */
async function launching(pool: Pool): Promise<number> {
  const id = await waitUntil(
    async () => {
      const there = await pool.query("SELECT to_regclass('tidegate_engine.executors') AS executors");
      if (there.rows[0]?.executors === null) return undefined;
      return (await pool.query<{ id: string }>(LAUNCHING)).rows[0]?.id;
    },
    { what: "A launch", limitMs: 60_000, everyMs: 5, remedy: "" },
  );
  return Number(/-(?<pid>\d+)-[^-]+$/.exec(id)?.groups?.["pid"]);
}

async function rehearse(url: string): Promise<void> {
  const started = await ask(url, "POST", "/v1/operations/rehearse/runs", { input: { steps: 1, stepMs: 0 } });
  expect(started.status).toBe(201);
  const { body } = await ask(url, "GET", `/v1/runs/${started.body.runId}/wait`);
  expect(body.state).toBe("succeeded");
}
