// Writes rows and events of the projection: one statement per batch, announced to whoever reads along.
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { EngineEvent } from "../events/engine-event.ts";
import type { RunRows } from "./rows.ts";

/** What executors tell each other, and readers: `stored:RUN_ID` when there is something new to read, `cancel:RUN_ID`. */
export const CHANNEL = "tidegate_engine";

/** Batches are stored one after the other, over all executors: so `seq` grows in the order in which readers can see events. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tidegate_engine.events', 0))";

export async function lockEvents(client: Queryable): Promise<void> {
  await queryRows(client, LOCK);
}

export async function storeRows(client: Queryable, rows: Iterable<RunRows>): Promise<void> {
  const list = [...rows];
  await queryRows(client, UPSERT_RUNS, [asJson(list.map((one) => one.run))]);
  const steps = list.flatMap((one) => [...one.steps.values()]);
  if (steps.length > 0) await queryRows(client, UPSERT_STEPS, [asJson(steps)]);
}

export async function storeEvents(client: Queryable, events: readonly EngineEvent[]): Promise<void> {
  const ofRuns = events.filter((event) => event.runId !== null);
  if (ofRuns.length === 0) return;
  const list = ofRuns.map((event) => ({
    run_id: event.runId,
    at: event.at,
    code: event.code,
    step: event.step,
    data: event.data,
  }));
  await queryRows(client, INSERT_EVENTS, [asJson(list)]);
}

/** At the end of the transaction, readers are told. */
export async function announce(client: Queryable, runIds: Iterable<string>): Promise<void> {
  await queryRows(client, "SELECT pg_notify($1, 'stored:' || id) FROM unnest($2::text[]) AS id", [
    CHANNEL,
    [...runIds],
  ]);
}

const UPSERT_RUNS = `
INSERT INTO tidegate_engine.runs SELECT * FROM json_populate_recordset(null::tidegate_engine.runs, $1::json)
ON CONFLICT (id) DO UPDATE SET
  state = excluded.state, started_at = excluded.started_at, ended_at = excluded.ended_at, executor = excluded.executor, fence = excluded.fence,
  current_step = excluded.current_step, waiting = excluded.waiting, progress = excluded.progress, error = excluded.error,
  plan = COALESCE(excluded.plan, runs.plan), result = excluded.result`;

const UPSERT_STEPS = `
INSERT INTO tidegate_engine.steps SELECT * FROM json_populate_recordset(null::tidegate_engine.steps, $1::json)
ON CONFLICT (run_id, name) DO UPDATE SET
  position = excluded.position, kind = excluded.kind, state = excluded.state, attempts = excluded.attempts, started_at = excluded.started_at,
  ended_at = excluded.ended_at, progress = excluded.progress, error = excluded.error, result = excluded.result`;

const INSERT_EVENTS = `
INSERT INTO tidegate_engine.events (run_id, at, code, step, data)
SELECT e.run_id, e.at, e.code, e.step, e.data
  FROM ROWS FROM (json_to_recordset($1::json) AS (run_id text, at timestamptz, code text, step text, data jsonb)) WITH ORDINALITY
    AS e (run_id, at, code, step, data, n) ORDER BY e.n`;

/** PostgreSQL's text has no NUL and no lone surrogates; here, unlike in the journal, they may be replaced. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "string" && UNSTORABLE.test(item) ? item.toWellFormed().replaceAll("\0", "\u{fffd}") : item,
  );
}

const UNSTORABLE = /[\0\ud800-\udfff]/;
