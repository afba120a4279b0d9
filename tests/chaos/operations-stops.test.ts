// Executors stopped (SIGSTOP) where it hurts: in the middle of a transaction, in a COMMIT, at random moments. What they hold must not hold up
// who takes over, and on waking they must do nothing.
import { seededRandom, systemClock, waitUntil } from "@tidegate/kernel";
import { createPool, type Pool, type PoolClient } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { ledgerFaults } from "../operations/ledger.ts";
import { ledgerIn, operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";

const TAKEOVER_LIMIT_MS = 15_000;
/** Any number that nobody else uses. */
const GATE = 7_412;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let database: TestDatabase;
let pool: Pool;
let keeper: PoolClient;
let folder: ReturnType<typeof operatorFolder>;
const operators: OperatorProcess[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "gate keeper", max: 3 });
  keeper = await pool.connect();
  folder = operatorFolder();
});
afterEach(async () => {
  for (const one of operators.splice(0)) {
    one.signal("SIGCONT");
    await one.kill();
  }
  keeper.release();
  await pool.end();
  await database.drop();
  folder.remove();
});

async function open(): Promise<OperatorProcess> {
  const operator = await startOperator(folder.path, { databaseUrl: database.url });
  operators.push(operator);
  return operator;
}

async function seen<T>(what: string, look: () => Promise<T | undefined> | T | undefined, limitMs = 30_000): Promise<T> {
  return waitUntil(look, { what, limitMs, everyMs: 20, remedy: "" });
}

/** Not awaited by who asks: an operator that is stopped never answers. Gives the run's id, from the log. */
async function begin(operator: OperatorProcess, input: object): Promise<string> {
  const since = operator.lines.length;
  ask(operator.url, "POST", "/v1/operations/rehearse/runs", { input }).catch(() => undefined);
  return seen("The run", () => operator.lines.slice(since).find((line) => line.message === "run.executing")?.runId);
}

async function end(operator: OperatorProcess, runId: string): Promise<void> {
  await seen(
    "The end of the run",
    async () => ((await ask(operator.url, "GET", `/v1/runs/${runId}`)).body.state === "succeeded" ? true : undefined),
    60_000,
  );
}

async function takenOver(by: OperatorProcess, runId: string): Promise<void> {
  await seen(
    "The takeover",
    () => by.lines.find((line) => line.message === "run.executing" && line.runId === runId),
    TAKEOVER_LIMIT_MS,
  );
}

const faults = (): readonly string[] =>
  ledgerFaults(
    ledgerIn(folder.path),
    operators.flatMap((one) => one.lines),
  );

/** From now on whoever writes to the table waits there, until the keeper lets go. */
async function closeGate(table: string, when: "in the statement" | "in its COMMIT"): Promise<void> {
  await keeper.query("SELECT pg_advisory_lock($1)", [GATE]);
  await keeper.query(`
    CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW; END $$`);
  await keeper.query(
    when === "in the statement"
      ? `CREATE TRIGGER gate BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()`
      : `CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()`,
  );
}

async function whenAtGate(): Promise<void> {
  await seen("Somebody at the gate", async () => {
    const { rows } = await pool.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted",
      [GATE],
    );
    return rows.length > 0 ? true : undefined;
  });
}

const INPUT = { steps: 4, stepMs: 100 };

it.each([
  {
    what: "recording a step, with the row of its run locked",
    table: "dbos.operation_outputs",
    when: "in the statement",
  },
  { what: "storing events, with everybody's turn taken", table: "tidegate_engine.events", when: "in the statement" },
  { what: "an effect, under its fence", table: "rehearsal.ledger", when: "in the statement" },
  { what: "committing a step's record", table: "dbos.operation_outputs", when: "in its COMMIT" },
  { what: "committing an effect, under its fence", table: "rehearsal.ledger", when: "in its COMMIT" },
] as const)("takes over from an executor that was stopped $when: $what", async ({ table, when }) => {
  const [victim, survivor] = [await open(), await open()];
  // The ledger's table is there before.
  await end(victim, await begin(victim, { steps: 1, stepMs: 0, stage: "first" }));
  await closeGate(table, when);
  const runId = await begin(victim, INPUT);
  await whenAtGate();
  victim.signal("SIGSTOP");
  const sinceMs = performance.now();
  // A COMMIT takes its time: somebody looked for runs of the dead meanwhile.
  if (when === "in its COMMIT") await systemClock.sleep(3_000);
  // The statement ends, nobody reads its answer, and the transaction stands.
  await keeper.query("SELECT pg_advisory_unlock($1)", [GATE]);
  await takenOver(survivor, runId);
  expect(performance.now() - sinceMs).toBeLessThan(TAKEOVER_LIMIT_MS);
  victim.signal("SIGCONT");
  expect(await victim.ended).toBe(75);
  await end(survivor, runId);
  expect(faults()).toEqual([]);
});

it(`takes over from executors that are stopped at random moments (SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  let [victim, survivor] = [await open(), await open()];
  for (let round = 0; round < 3; round++) {
    const runId = await begin(victim, { steps: 40, stepMs: 50, parallel: 3, stage: `round-${round}` });
    await systemClock.sleep(random.next() * 1_500);
    victim.signal("SIGSTOP");
    await takenOver(survivor, runId);
    victim.signal("SIGCONT");
    expect(await victim.ended).toBe(75);
    await end(survivor, runId);
    [victim, survivor] = [survivor, await open()];
  }
  expect(faults()).toEqual([]);
});
