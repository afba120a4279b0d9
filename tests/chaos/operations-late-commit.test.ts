// A killed executor's last COMMIT may still be on its way when its lock is free already: what it brings is a run of nobody.
import { waitUntil } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator } from "../operations/operator-process.ts";

/** Any number that nobody else uses. */
const GATE = 7_411;

it("works on a run whose starter was killed, and taken over, while the database was still committing it", async () => {
  await using cleanup = new AsyncDisposableStack();
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const pool = createPool({ url: database.url, applicationName: "gate keeper", max: 3 });
  cleanup.defer(async () => pool.end());
  const folder = operatorFolder();
  cleanup.defer(folder.remove);
  const [first, second] = [
    await startOperator(folder.path, { databaseUrl: database.url }),
    await startOperator(folder.path, { databaseUrl: database.url }),
  ];
  for (const one of [first, second]) cleanup.defer(one.kill);

  const keeper = await pool.connect();
  cleanup.defer(() => keeper.release());
  await keeper.query("SELECT pg_advisory_lock($1)", [GATE]);
  await pool.query(`
    CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.executor_id LIKE '%-${first.pid}-%' THEN PERFORM pg_advisory_xact_lock(${GATE}); END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON dbos.workflow_status DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()`);

  // Never answered: its server is killed.
  const asked = ask(first.url, "POST", "/v1/operations/rehearse/runs", { input: { steps: 1, stepMs: 0 } });
  const unanswered = expect(asked).rejects.toThrow();
  const seen = async (what: string, sql: string): Promise<void> =>
    void (await waitUntil(async () => ((await pool.query(sql)).rows.length > 0 ? true : undefined), {
      what,
      limitMs: 15_000,
      everyMs: 50,
      remedy: "",
    }));
  await seen(
    "A backend waiting in COMMIT",
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' AND wait_event_type = 'Lock'",
  );
  await first.kill();
  await unanswered;
  await seen("The takeover", "SELECT 1 FROM tidegate_engine.executors HAVING count(*) = 1");
  expect((await pool.query("SELECT 1 FROM dbos.workflow_status")).rows).toEqual([]);
  await keeper.query("SELECT pg_advisory_unlock($1)", [GATE]);
  await seen("The end of the run", "SELECT 1 FROM tidegate_engine.runs WHERE state = 'succeeded'");
});
