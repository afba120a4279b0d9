// The ground truth of rehearsals, outside of the engine and its database: what effects wrote into a file, and what the processes said when.
import { existsSync, readFileSync } from "node:fs";

export interface LedgerLine {
  readonly runId: string;
  readonly step: string;
  readonly fence: number;
  readonly attempt: number;
  readonly pid: number;
  readonly at: string;
}

/** A line of an operator's log, as far as it is read here. */
export interface Said {
  readonly message: string;
  readonly runId?: string;
  readonly step?: string;
  readonly time?: string;
  /** Of `run.retried`: the step from which on it is done again. */
  readonly from?: string;
}

/** In the order in which the effects came to the file. */
export function readLedger(path: string): readonly LedgerLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LedgerLine);
}

/** Everything that must never be in the ledger; empty when all is well. */
export function ledgerFaults(path: string, said: readonly Said[]): readonly string[] {
  const lines = readLedger(path);
  const completed = completions(said);
  const faults = new Set<string>();
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { runId, step, fence, attempt, at } of lines) {
    const where = `${runId} ${step}`;
    // A step in flight may run twice, but each time under a token of its own.
    const once = `${where} ${fence} ${attempt}`;
    if (seen.has(once)) faults.add(`${where}: twice under token ${fence}`);
    seen.add(once);
    if (fence < (highest.get(runId) ?? 0)) faults.add(`${where}: written under the stale token ${fence}`);
    highest.set(runId, Math.max(fence, highest.get(runId) ?? 0));
    if (wasCompletedBefore(completed.get(where), at)) faults.add(`${where}: written again after it was completed`);
  }
  const written = new Set(lines.map((line) => `${line.runId} ${line.step}`));
  for (const where of completed.keys()) {
    if (/ (undo:)?(write|side)-\d+$/.test(where) && !written.has(where))
      faults.add(`${where}: completed without an effect`);
  }
  return [...faults];
}

/** Steps whose every row shows that they were in flight when their executor was killed, and ran twice. */
export function doubledSteps(path: string): number {
  const steps = Map.groupBy(readLedger(path), (line) => `${line.runId} ${line.step}`);
  return [...steps.values()].filter((lines) => lines.length > 1).length;
}

interface Completion {
  readonly atMs: number;
  /** When a person retried the run from this step or one before it: then it is to be done again. */
  readonly retriedMs: readonly number[];
}

/** When each step was first said to be completed; the engine says so when its journal has it. */
function completions(said: readonly Said[]): ReadonlyMap<string, Completion> {
  const retried = Map.groupBy(
    said.filter((line) => line.message === "run.retried"),
    (line) => line.runId ?? "",
  );
  const completed = new Map<string, Completion>();
  for (const { message, runId = "", step = "", time = "" } of said) {
    if (message !== "step.succeeded") continue;
    const where = `${runId} ${step}`;
    const atMs = Math.min(Date.parse(time), completed.get(where)?.atMs ?? Number.POSITIVE_INFINITY);
    completed.set(where, { atMs, retriedMs: [] });
  }
  for (const [where, { atMs }] of completed) {
    const [runId = ""] = where.split(" ");
    // What was completed later than the step from which it was retried came after it; one that never was completed had nothing after it.
    // Steps side by side are completed in any order.
    const isSide = where.includes(" side-");
    const again = (retried.get(runId) ?? []).filter(
      ({ from = "" }) =>
        (isSide && from.startsWith("side-")) ||
        atMs >= (completed.get(`${runId} ${from}`)?.atMs ?? Number.POSITIVE_INFINITY),
    );
    completed.set(where, { atMs, retriedMs: again.map((line) => Date.parse(line.time ?? "")) });
  }
  return completed;
}

function wasCompletedBefore(completion: Completion | undefined, at: string): boolean {
  if (completion === undefined) return false;
  const atMs = Date.parse(at);
  const { atMs: completedMs, retriedMs } = completion;
  return completedMs < atMs && !retriedMs.some((one) => one >= completedMs && one <= atMs);
}
