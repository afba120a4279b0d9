// The thread that ends a function at its time limit, whatever the function's own thread does, and keeps its log within bounds.
import { copyFileSync, fstatSync, ftruncateSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { ANSWER_FD, TIMED_OUT, UNDECIDED, type RunAnswer, type RunRequest } from "./messages.ts";

const LOG_FD = 2;
const EVERY_MS = 200;
/** For an answer that is under way when the time is over. */
const LAST_WORDS_MS = 1_000;

type Task = Pick<RunRequest, "timeoutMs" | "logFile" | "logLimitBytes" | "requestId"> & {
  readonly decision: Int32Array;
};

const { decision, timeoutMs, logFile, logLimitBytes, requestId } = workerData as Task;
const deadlineMs = performance.now() + timeoutMs;
parentPort?.postMessage("watching");

for (;;) {
  const leftMs = deadlineMs - performance.now();
  if (leftMs <= 0) break;
  pause(Math.min(EVERY_MS, leftMs));
  turnOverLog();
}
if (Atomics.compareExchange(decision, 0, UNDECIDED, TIMED_OUT) === UNDECIDED) {
  const answer: RunAnswer = { kind: "timed-out" };
  tell(LOG_FD, `${new Date().toISOString()} ${requestId} END timed out after ${timeoutMs} ms`);
  tell(ANSWER_FD, JSON.stringify(answer));
} else pause(LAST_WORDS_MS);
process.kill(-process.pid, "SIGKILL");

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Nobody may be left to read; the function is ended all the same. */
function tell(descriptor: number, line: string): void {
  try {
    writeSync(descriptor, `${line}\n`);
  } catch {
    // EPIPE, or a full disk.
  }
}

/** What is written between the copy and the truncation is lost. */
function turnOverLog(): void {
  try {
    if (fstatSync(LOG_FD).size <= logLimitBytes) return;
    copyFileSync(logFile, `${logFile}.1`);
    ftruncateSync(LOG_FD, 0);
  } catch {
    // The folder was removed, or the disk is full: the function is worth more than its log.
  }
}
