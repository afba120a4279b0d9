// Two operators on one database, replaced as they are killed; and kills at random moments.
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { ask } from "./ask-operator.ts";
import { ledgerFaults } from "./ledger.ts";
import { ledgerIn, operatorFolder, startOperator, type OperatorProcess } from "./operator-process.ts";

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
  /** What must never be in the ledger outside; see ledgerFaults. */
  readonly faults: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** `env` goes to both besides their own. */
export async function openTwoOperators(env: Readonly<Record<string, string>> = {}): Promise<TwoOperators> {
  const database: TestDatabase = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  const folder = operatorFolder();
  const ever: OperatorProcess[] = [];
  const open = async (): Promise<OperatorProcess> => {
    const operator = await startOperator(folder.path, { databaseUrl: database.url, env });
    ever.push(operator);
    return operator;
  };
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
    faults: () =>
      ledgerFaults(
        ledgerIn(folder.path),
        ever.flatMap((one) => one.lines),
      ),
    close: async () => {
      await Promise.all(operators.map(async (one) => one.kill()));
      await pool.end();
      await database.drop();
      folder.remove();
    },
  };
}

const BOUNDARIES: readonly string[] = ["step.started", "step.succeeded"];

interface Kill {
  /** Run, step and message of the line at which it was decided on. */
  readonly boundary: string;
  /** The step had begun and not ended when the signal was sent, as far as the process had told. */
  readonly isInside: boolean;
}

/**
 * Kills the operator that works at every boundary of a step, once each: when a step has begun (up to `laterMs` later, so inside its
 * effect) and when it has ended. Gives the boundaries that were passed, and the kills, by process: of the two only the kills say how many
 * there were, as a process that dies may have passed more. With `onceFor: "step"`, a boundary (step and message) at which one was killed is
 * passed by in later runs: start runs until `killedAt` has them all. Await `settled` before looking.
 */
export function killAtBoundaries(
  two: TwoOperators,
  {
    seed = 1,
    laterMs = 0,
    onceFor = "run",
  }: { readonly seed?: number; readonly laterMs?: number; readonly onceFor?: "run" | "step" } = {},
): {
  readonly boundaries: ReadonlySet<string>;
  /** Step and message. */
  readonly killedAt: ReadonlySet<string>;
  readonly kills: ReadonlyMap<number, Kill>;
  readonly settled: () => Promise<void>;
} {
  const random = seededRandom(seed);
  const boundaries = new Set<string>();
  const killedAt = new Set<string>();
  const kills = new Map<number, Kill>();
  let killing = Promise.resolve();
  const watch = (operator: OperatorProcess): void => {
    const open = new Set<string>();
    let isDoomed = false;
    const kill = (boundary: string): void => {
      kills.set(operator.pid, { boundary, isInside: open.size > 0 });
      operator.signal("SIGKILL");
    };
    const replace = async (before: Promise<void>): Promise<void> => {
      await before;
      await operator.ended;
      if (two.operators().includes(operator)) watch(await two.replace(operator));
    };
    operator.onLine(({ message, step = "", runId = "" }) => {
      const boundary = `${runId} ${step} ${message}`;
      if (kills.has(operator.pid)) {
        // Written before it died, and never again: nobody can be killed there any more.
        if (BOUNDARIES.includes(message)) boundaries.add(boundary);
        return;
      }
      if (message === "step.started") open.add(`${runId} ${step}`);
      else if (["step.succeeded", "step.failed"].includes(message)) open.delete(`${runId} ${step}`);
      if (isDoomed || !BOUNDARIES.includes(message) || boundaries.has(boundary)) return;
      boundaries.add(boundary);
      const place = `${step} ${message}`;
      if (onceFor === "step" && killedAt.has(place)) return;
      killedAt.add(place);
      isDoomed = true;
      // From here, another process; without a delay the signal is sent in the same turn in which the line came.
      const delayMs = message === "step.started" ? random.integer(0, laterMs) : 0;
      if (delayMs === 0) kill(boundary);
      else setTimeout(() => kill(boundary), delayMs);
      killing = replace(killing);
    });
  };
  for (const operator of two.operators()) watch(operator);
  return { boundaries, killedAt, kills, settled: async () => killing };
}
