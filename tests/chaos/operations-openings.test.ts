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

/** The process that launches, from the name that its session has. */
async function launching(pool: Pool): Promise<number> {
  const { rows } = await waitUntil(
    async () => {
      const found = await pool.query<{ name: string }>(`
        SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND application_name LIKE 'tidegate executor %'
           AND (classid::bigint << 32 | objid::bigint) = hashtextextended('tidegate_engine.launch', 0)`);
      return found.rows.length > 0 ? found : undefined;
    },
    { what: "A launch", limitMs: 60_000, everyMs: 5, remedy: "" },
  );
  return Number(/-(?<pid>\d+)-[^-]+$/.exec(rows[0]?.name ?? "")?.groups?.["pid"]);
}

async function rehearse(url: string): Promise<void> {
  const started = await ask(url, "POST", "/v1/operations/rehearse/runs", { input: { steps: 1, stepMs: 0 } });
  expect(started.status).toBe(201);
  const { body } = await ask(url, "GET", `/v1/runs/${started.body.runId}/wait`);
  expect(body.state).toBe("succeeded");
}
