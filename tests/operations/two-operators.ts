// Two operators on one database, replaced as they are killed; and kills at random moments.
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { expect } from "vitest";
import { ask } from "./ask-operator.ts";
import { ledgerFaults } from "./ledger.ts";
import { operatorFolder, startOperator, type OperatorProcess } from "./operator-process.ts";

export interface RunState {
  readonly state: string;
  readonly result?: { readonly sum: string };
}

export interface TwoOperators {
  readonly pool: Pool;
  readonly operators: () => readonly OperatorProcess[];
  /** Starts another in the place of one that is dead. */
  readonly replace: (dead: OperatorProcess) => Promise<OperatorProcess>;
  /** Starts the rehearsal, under its stage as the key. */
  readonly start: (input: { readonly stage: string; readonly [field: string]: unknown }) => Promise<string>;
  /** Under a key: an operator that is killed before it answers is asked again, and nothing is started twice. */
  readonly startAny: (operation: string, input: unknown, key: string, confirm?: string) => Promise<string>;
  readonly ended: (runId: string, limitMs: number) => Promise<RunState>;
  readonly close: () => Promise<void>;
}

/** `env` goes to both besides their own. */
export async function openTwoOperators(env: Readonly<Record<string, string>> = {}): Promise<TwoOperators> {
  const database: TestDatabase = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  const folder = operatorFolder();
  const open = async (): Promise<OperatorProcess> => startOperator(folder.path, { databaseUrl: database.url, env });
  let operators = [await open(), await open()];

  const startAny: TwoOperators["startAny"] = async (operation, input, key, confirm) => {
    const body = { input, key, lockWaitMs: 60_000, ...(confirm === undefined ? {} : { confirm }) };
    const look = async (): Promise<string | undefined> => {
      for (const one of operators) {
        const answer = await ask(one.url, "POST", `/v1/operations/${operation}/runs`, body).catch(() => undefined);
        if (answer !== undefined && answer.status < 300) return answer.body.runId as string;
      }
      return undefined;
    };
    return waitUntil(look, { what: "A start", limitMs: 30_000, everyMs: 200, remedy: "" });
  };
  const state = async (runId: string): Promise<RunState> => {
    for (const one of operators) {
      const answer = await ask(one.url, "GET", `/v1/runs/${runId}`).catch(() => undefined);
      if (answer?.status === 200) return answer.body as RunState;
    }
    return { state: "nobody answers" };
  };
  return {
    pool,
    operators: () => operators,
    replace: async (dead) => {
      const next = await open();
      operators = operators.map((one) => (one === dead ? next : one));
      return next;
    },
    start: async (input) => startAny("rehearse", input, input.stage),
    startAny,
    ended: async (runId, limitMs) =>
      waitUntil(
        async () => {
          const run = await state(runId);
          return ["succeeded", "failed", "cancelled"].includes(run.state) ? run : undefined;
        },
        { what: `The end of ${runId}`, limitMs, everyMs: 200, remedy: "" },
      ),
    close: async () => {
      await Promise.all(operators.map(async (one) => one.kill()));
      await pool.end();
      await database.drop();
      folder.remove();
    },
  };
}

/**
 * Kills the operator that works at every boundary of a step, once each: when a step has begun (up to `laterMs` later, so inside its
 * effect) and when it has ended. Gives the boundaries; await `settled` before looking.
 */
export function killAtBoundaries(
  two: TwoOperators,
  { seed = 1, laterMs = 0 }: { readonly seed?: number; readonly laterMs?: number } = {},
): { readonly boundaries: ReadonlySet<string>; readonly settled: () => Promise<void> } {
  const random = seededRandom(seed);
  const boundaries = new Set<string>();
  let killing = Promise.resolve();
  const watch = (operator: OperatorProcess): void =>
    operator.onLine(({ message, step = "", runId = "" }) => {
      const boundary = `${runId} ${step} ${message}`;
      if (!["step.started", "step.succeeded"].includes(message) || boundaries.has(boundary)) return;
      boundaries.add(boundary);
      // From here, another process; without a delay the signal is sent in the same turn in which the line came.
      const delayMs = message === "step.started" ? random.integer(0, laterMs) : 0;
      if (delayMs === 0) operator.signal("SIGKILL");
      else setTimeout(() => operator.signal("SIGKILL"), delayMs);
      const replace = async (before: Promise<void>): Promise<void> => {
        await before;
        await operator.ended;
        if (two.operators().includes(operator)) watch(await two.replace(operator));
      };
      killing = replace(killing);
    });
  for (const operator of two.operators()) watch(operator);
  return { boundaries, settled: async () => killing };
}

const KILLS_A_ROUND = 6;
const SHAPES = [
  { steps: 25, stepMs: 150 },
  { steps: 12, stepMs: 300, flakyTries: 1 },
  { steps: 6, stepMs: 100, parallel: 4, childSteps: 12 },
];

/** Kills one of two operators at random moments while three runs are under way; all must end as undisturbed ones do. */
export async function killAtRandom({ kills, seed }: { readonly kills: number; readonly seed: number }): Promise<void> {
  const random = seededRandom(seed);
  const two = await openTwoOperators();
  try {
    // The ledger is there before: a run that was planned without it would rightly refuse.
    const runs = [await two.start({ steps: 1, stepMs: 0, stage: "first" })];
    await two.ended(runs[0] ?? "", 60_000);
    for (let done = 0; done < kills;) {
      for (const [index, shape] of SHAPES.entries())
        runs.push(await two.start({ ...shape, stage: `stage-${done}-${index}` }));
      for (let kill = 0; kill < KILLS_A_ROUND && done < kills; kill++, done++) {
        await new Promise((resolve) => setTimeout(resolve, random.next() * 1_500));
        const victim = random.pick(two.operators());
        await victim.kill();
        await two.replace(victim);
      }
      for (const runId of runs.splice(0)) {
        const run = await two.ended(runId, 120_000);
        expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
      }
    }
    expect(await ledgerFaults(two.pool)).toEqual([]);
    expect((await ask(two.operators()[0]?.url ?? "", "GET", "/v1/locks")).body).toEqual({ locks: [] });
    const alive = await two.pool.query("SELECT count(*)::int AS n FROM tidegate_engine.executors");
    expect(alive.rows).toEqual([{ n: 2 }]);
  } finally {
    await two.close();
  }
}
