// What `runs ls` and `runs show` read over many finished runs (the engine's calls, without HTTP), against the bare queries of the same rows and columns.
import { createDurableEngine, defineOperation } from "@tidegate/engine";
import type { Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import * as z from "zod";

const RUNS = 10_000;

/** What a list shows: neither inputs nor plans nor results. */
const LISTED = `id, operation, version, title, state, created_by, created_at, started_at, ended_at, executor, fence, current_step, waiting, progress, error,
  parent_id, lock, key, reason, plan_id`;

export interface ReadingSample {
  readonly oursMs: number;
  readonly bareMs: number;
}

export async function measureReading(
  url: Secret,
  pool: Pool,
  samples: number,
): Promise<{ readonly runs: number; readonly ls: readonly ReadingSample[]; readonly show: readonly ReadingSample[] }> {
  const operation = defineOperation({
    name: "bench",
    title: "A run to be copied",
    input: z.strictObject({}),
    danger: "changes",
    observe: async () => ({}),
    plan: () => ({
      target: "nothing",
      summary: "Steps.",
      steps: [{ name: "all", change: "Nothing", destroys: false, undo: "Nothing" }],
    }),
    run: async (context) => {
      for (let n = 0; n < 11; n++) await context.step(`step-${n}`, async () => ({ n, text: "x".repeat(100) }));
    },
  });
  const engine = await createDurableEngine({
    url,
    operations: [operation],
    onLost: (error) => {
      throw error;
    },
  });
  try {
    const { runId } = await engine.start("bench", {}, { by: "bench" });
    await engine.wait(runId, { timeoutMs: 30_000 });
    while ((await engine.get(runId)).state !== "succeeded") await new Promise((resolve) => setTimeout(resolve, 10));
    await copyRun(pool, runId);
    const ls = await inPairs(
      samples,
      async () => engine.list({ limit: 50 }),
      async () => pool.query(`SELECT ${LISTED} FROM tidegate_engine.runs ORDER BY created_at DESC, id DESC LIMIT 50`),
    );
    const show = await inPairs(
      samples,
      async (n) => engine.get(`${runId}-${n}`),
      async (n) => {
        await pool.query("SELECT * FROM tidegate_engine.runs WHERE id = $1", [`${runId}-${n}`]);
        await pool.query("SELECT * FROM tidegate_engine.steps WHERE run_id = $1 ORDER BY position", [`${runId}-${n}`]);
      },
    );
    return { runs: RUNS, ls, show };
  } finally {
    await engine.stop();
  }
}

/** Finished runs as they come: the same rows under other ids and times. */
async function copyRun(pool: Pool, runId: string): Promise<void> {
  await pool.query(
    `INSERT INTO tidegate_engine.runs SELECT (jsonb_populate_record(r, jsonb_build_object('id', r.id || '-' || n, 'created_at', r.created_at - n * interval '1 minute'))).*
       FROM tidegate_engine.runs r, generate_series(1, $2::int) AS n WHERE r.id = $1`,
    [runId, RUNS],
  );
  await pool.query(
    `INSERT INTO tidegate_engine.steps SELECT (jsonb_populate_record(s, jsonb_build_object('run_id', s.run_id || '-' || n))).*
       FROM tidegate_engine.steps s, generate_series(1, $2::int) AS n WHERE s.run_id = $1`,
    [runId, RUNS],
  );
  await pool.query("ANALYZE tidegate_engine.runs, tidegate_engine.steps");
}

async function inPairs(
  samples: number,
  ours: (n: number) => Promise<unknown>,
  bare: (n: number) => Promise<unknown>,
): Promise<readonly ReadingSample[]> {
  const timed = async (work: (n: number) => Promise<unknown>, n: number): Promise<number> => {
    const start = performance.now();
    await work(n);
    return performance.now() - start;
  };
  const taken: ReadingSample[] = [];
  for (let pair = 0; pair < samples + 5; pair++) {
    // Runs all over the table, not the newest ones.
    const n = 1 + ((pair * 7_919) % RUNS);
    if (pair % 2 === 0) {
      const bareMs = await timed(bare, n);
      taken.push({ bareMs, oursMs: await timed(ours, n) });
    } else {
      const oursMs = await timed(ours, n);
      taken.push({ oursMs, bareMs: await timed(bare, n) });
    }
  }
  // The first ones warm the caches of both.
  return taken.slice(5);
}
