// One invocation as one process: started, given its payload, heard, and gone in every case before this returns.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { FunctionCrashed, FunctionFailed } from "../errors.ts";
import { PAYLOAD_LIMIT_BYTES } from "../payload.ts";
import type { FunctionSpec } from "./read-function-spec.ts";
import { ANSWER_FD, type RunAnswer, type RunRequest } from "./runner/messages.ts";

const RUNNER = fileURLToPath(new URL("./runner/main.ts", import.meta.url));

const LOG_LIMIT_BYTES = 1024 * 1024;
/** The envelope around a value. */
const ENVELOPE_BYTES = 1024;
/** The runner ends itself at the function's limit; if it cannot (stopped, or still starting) it is ended from here. */
const BACKSTOP_MS = 2_000;

const thrownFacts = z.object({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  remedy: z.string().optional(),
});
const runAnswer: z.ZodType<RunAnswer> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("returned"), value: z.unknown() }),
  z.object({ kind: z.literal("threw"), error: thrownFacts }),
  z.object({ kind: z.literal("timed-out") }),
]) as z.ZodType<RunAnswer>;

export interface FunctionRun {
  readonly name: string;
  readonly image: string;
  readonly spec: FunctionSpec;
  /** Everything that the process has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly payload: string;
  readonly requestId: string;
  readonly logFile: string;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** Default 1 MiB. */
  readonly logLimitBytes?: number;
}

/** Gives what the function returned. Throws FunctionFailed, FunctionCrashed; the signal's reason when aborted. */
export async function runFunction(run: FunctionRun): Promise<unknown> {
  run.signal?.throwIfAborted();
  const child = start(run);
  const ended = once(child, "close");
  // Whoever awaits it gets the error; until then it must not count as unhandled.
  ended.catch(() => undefined);
  let stoppedBy: "limit" | "signal" | undefined;
  const stop = (by: "limit" | "signal") => () => {
    stoppedBy ??= by;
    killGroup(child);
  };
  const hardLimitMs = Math.min(run.limitMs, run.spec.timeoutMs + BACKSTOP_MS);
  const timer = setTimeout(stop("limit"), hardLimitMs);
  const onAbort = stop("signal");
  run.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    send(child, run);
    const heard = collectLine(child.stdio[ANSWER_FD] as Readable);
    // What the function started and left running ends with it, however it ended. A group that still has members keeps its number.
    child.once("exit", () => killGroup(child));
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    const answer = parseAnswer(heard());
    if (answer !== undefined) return outcome(run, answer);
    if (stoppedBy === "signal") run.signal?.throwIfAborted();
    if (stoppedBy === "limit") throw timedOut(run, hardLimitMs);
    throw crashed(
      run,
      signal === null ? `its process ended with exit code ${code}` : `its process was killed by ${signal}`,
    );
  } catch (error) {
    if (isSpawnError(error)) throw crashed(run, `its process could not be started (${error.code})`, error);
    throw error;
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", onAbort);
  }
}

function start(run: FunctionRun): ChildProcess {
  mkdirSync(dirname(run.logFile), { recursive: true });
  const log = openSync(run.logFile, "a", 0o600);
  try {
    return spawn(process.execPath, [RUNNER], {
      cwd: run.spec.releaseDir,
      env: { ...run.env },
      // A group of its own: everything that it starts can be ended with it, and a Ctrl-C for us is none for it.
      detached: true,
      stdio: ["pipe", log, log, "pipe"],
    });
  } finally {
    closeSync(log);
  }
}

function send(child: ChildProcess, run: FunctionRun): void {
  const request: RunRequest = {
    name: run.name,
    image: run.image,
    requestId: run.requestId,
    handlerFile: run.spec.handlerFile,
    exportName: run.spec.exportName,
    timeoutMs: run.spec.timeoutMs,
    payload: run.payload,
    logFile: run.logFile,
    logLimitBytes: run.logLimitBytes ?? LOG_LIMIT_BYTES,
    answerLimitBytes: PAYLOAD_LIMIT_BYTES,
  };
  // EPIPE: it ended before it had read everything; how it ended says why.
  child.stdin?.on("error", () => undefined);
  child.stdin?.write(`${JSON.stringify(request)}\n`);
}

/** Gives the first whole line that was heard; what is longer than an answer may be is not kept. */
function collectLine(stream: Readable): () => string | undefined {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= PAYLOAD_LIMIT_BYTES + ENVELOPE_BYTES) chunks.push(chunk);
  });
  stream.on("error", () => undefined);
  return () => {
    const text = Buffer.concat(chunks).toString("utf8");
    const end = text.indexOf("\n");
    return end < 0 ? undefined : text.slice(0, end);
  };
}

/** Undefined for what the runner did not write: the function may have found the descriptor. */
function parseAnswer(line: string | undefined): RunAnswer | undefined {
  if (line === undefined) return undefined;
  try {
    return runAnswer.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function outcome(run: FunctionRun, answer: RunAnswer): unknown {
  if (answer.kind === "returned") return answer.value ?? null;
  if (answer.kind === "timed-out") throw timedOut(run, run.spec.timeoutMs);
  throw new FunctionFailed({ name: run.name, error: answer.error, log: run.logFile, requestId: run.requestId });
}

function timedOut(run: FunctionRun, afterMs: number): FunctionFailed {
  const error = { name: "TimedOut", message: `It did not answer within ${afterMs} ms.` };
  const { name, logFile: log, requestId } = run;
  return new FunctionFailed({ name, error, log, requestId, timedOutAfterMs: afterMs });
}

function crashed(run: FunctionRun, how: string, cause?: unknown): FunctionCrashed {
  return new FunctionCrashed({ name: run.name, how, log: run.logFile, requestId: run.requestId, cause });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isSpawnError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && String(error.syscall).startsWith("spawn");
}
