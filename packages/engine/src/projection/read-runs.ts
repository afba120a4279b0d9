// `runs ls`, `show` and the events of a run, from the projection.
import { queryRows, type Pool } from "@tidegate/postgres";
import { InputInvalid } from "../errors/operation-errors.ts";
import { RunUnknown } from "../errors/run-errors.ts";
import { decode } from "../journal/codec.ts";
import type { PlanDraft } from "../plan/plan.ts";
import { loadRows } from "./load-rows.ts";
import type { RunRow, RunRows, StepRow } from "./rows.ts";
import {
  ENDED_STATES,
  type RunDetail,
  type RunFilter,
  type RunPage,
  type RunSummary,
  type StepView,
  type StoredEvent,
} from "./run.ts";

const DEFAULT_LIMIT = 50;
const MOST = 500;

/** Newest first; the cursor is the last run's time and id, so pages stay right while runs are added. */
export async function listRuns(pool: Pool, filter: RunFilter): Promise<RunPage> {
  const limit = Math.min(Math.max(filter.limit ?? DEFAULT_LIMIT, 1), MOST);
  const [at, id] = filter.cursor === undefined ? [null, null] : readCursor(filter.cursor);
  const rows = await queryRows<{ row: RunRow; cursor: string }>(
    pool,
    `SELECT to_jsonb(r) - 'input' - 'plan' - 'result' AS row, extract(epoch FROM created_at)::text || '_' || id AS cursor FROM tidegate_engine.runs r
      WHERE ($1::text IS NULL OR operation = $1) AND ($2::text IS NULL OR state = $2)
        AND ($3::numeric IS NULL OR (created_at, id) < (to_timestamp($3::numeric), $4))
      ORDER BY created_at DESC, id DESC LIMIT $5`,
    [filter.operation ?? null, filter.state ?? null, at, id, limit + 1],
  );
  const page = rows.slice(0, limit);
  const stuck = await stuckReasons(
    pool,
    page.map(({ row }) => row),
  );
  return {
    runs: page.map(({ row }) => summaryOf(row, stuck)),
    next: rows.length > limit ? (page.at(-1)?.cursor ?? null) : null,
  };
}

/** Throws InputInvalid for a cursor that no page gave. */
function readCursor(cursor: string): [string, string] {
  const match = /^(\d{1,10}(?:\.\d{1,6})?)_(.+)$/.exec(cursor);
  if (match !== null) return [match[1] ?? "", match[2] ?? ""];
  const value = JSON.stringify(cursor);
  throw new InputInvalid({
    of: "the list of runs",
    problems: [{ path: "cursor", value, problem: "must be `next` of an earlier page" }],
  });
}

/** Throws RunUnknown. */
export async function getRun(pool: Pool, runId: string): Promise<RunDetail> {
  const rows = (await loadRows(pool, [runId])).get(runId);
  if (rows === undefined) throw new RunUnknown({ runId });
  return detailOf(rows, await stuckReasons(pool, [rows.run]));
}

export function detailOf(rows: RunRows, stuck: ReadonlyMap<string, string>): RunDetail {
  const { run } = rows;
  return {
    ...summaryOf(run, stuck),
    key: run.key,
    reason: run.reason,
    planId: run.plan_id,
    input: decode(run.input),
    // Written by the engine alone.
    plan: run.plan === null ? null : (decode(run.plan) as PlanDraft),
    result: valueOf(run.result),
    steps: [...rows.steps.values()].toSorted((a, b) => a.position - b.position).map(stepView),
  };
}

export async function readEvents(pool: Pool, runId: string, after: bigint): Promise<readonly StoredEvent[]> {
  return queryRows<StoredEvent>(
    pool,
    `SELECT seq, run_id AS "runId", at, code, step, data FROM tidegate_engine.events WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT 1000`,
    [runId, after],
  );
}

/** The result of a run or step: an envelope of the journal. */
function valueOf(result: string | null): unknown {
  if (result === null) return undefined;
  return (decode(result) as { readonly value?: unknown }).value;
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text));

export function summaryOf(run: RunRow, stuck: ReadonlyMap<string, string>): RunSummary {
  const { waiting } = run;
  return {
    id: run.id,
    operation: run.operation,
    version: run.version,
    title: run.title,
    state: run.state,
    createdBy: run.created_by,
    createdAt: new Date(run.created_at),
    startedAt: date(run.started_at),
    endedAt: date(run.ended_at),
    executor: run.executor,
    fence: run.fence,
    currentStep: run.current_step,
    waiting: waiting === null ? null : { ...waiting, since: new Date(waiting.since), until: new Date(waiting.until) },
    progress: run.progress,
    error: run.error,
    parentId: run.parent_id,
    lock: run.lock,
    stuck: stuck.get(run.id) ?? null,
  };
}

function stepView(step: StepRow): StepView {
  return {
    name: step.name,
    kind: step.kind,
    state: step.state,
    attempts: step.attempts,
    startedAt: new Date(step.started_at),
    endedAt: date(step.ended_at),
    result: valueOf(step.result),
    error: step.error,
    progress: step.progress,
  };
}

/** Why unfinished runs cannot move: nobody is there who has their operation. */
async function stuckReasons(pool: Pool, runs: readonly RunRow[]): Promise<ReadonlyMap<string, string>> {
  const unfinished = runs.filter((run) => !ENDED_STATES.has(run.state));
  if (unfinished.length === 0) return new Map();
  const executors = await queryRows<{ operations: string[] }>(pool, "SELECT operations FROM tidegate_engine.executors");
  const offered = new Set(executors.flatMap((one) => one.operations));
  return new Map(
    unfinished.flatMap((run) => {
      const id = `${run.operation}@${run.version}`;
      if (offered.has(id)) return [];
      return [[run.id, `No executor has ${id}. Start a release that has it, or cancel the run.`] as const];
    }),
  );
}
