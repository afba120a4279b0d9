// The process in which a function runs once. It is alone in a process group, and takes the whole group with it when it ends.
//
// 1. read the request from stdin; 2. let the watchdog hold the time limit, in a thread of its own, which a busy function cannot stop;
// 3. import the handler and call it; 4. answer on ANSWER_FD; 5. kill the group, with whatever the function left running.
//
// An invoker that is killed changes nothing for a function in the middle: like on Lambda it goes on, until its own limit.
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { describeThrown } from "./describe-thrown.ts";
import { ANSWER_FD, ANSWERED, UNDECIDED, type RunAnswer, type RunRequest } from "./messages.ts";

const note = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

const request = await readRequest();
// The invoker ended before it had said what to do.
if (request === undefined) process.exit(1);

const startMs = performance.now();
const decision = new Int32Array(new SharedArrayBuffer(4));
process.on("uncaughtException", (error) => answer({ kind: "threw", error: describeThrown(error) }));
await startWatchdog(request);
process.stdin.once("end", () => note(`${request.requestId} GOES ON: its invoker is gone`));
note(`${request.requestId} START ${request.name} ${request.image}`);
answer(await run(request));

async function run({ handlerFile, exportName, ...about }: RunRequest): Promise<RunAnswer> {
  try {
    const module = (await import(pathToFileURL(handlerFile).href)) as Readonly<Record<string, unknown>>;
    const handler = module[exportName];
    if (typeof handler !== "function") {
      const message = `${handlerFile} exports no function "${exportName}"`;
      return { kind: "threw", error: { name: "Runtime.HandlerNotFound", message } };
    }
    const context = {
      functionName: about.name,
      functionVersion: about.image,
      awsRequestId: about.requestId,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(startMs + about.timeoutMs - performance.now())),
    };
    return { kind: "returned", value: (await handler(JSON.parse(about.payload), context)) as unknown };
  } catch (error) {
    return { kind: "threw", error: describeThrown(error) };
  }
}

/** Only the first answer counts, and none after the watchdog's. */
function answer(given: RunAnswer): void {
  if (request === undefined || Atomics.compareExchange(decision, 0, UNDECIDED, ANSWERED) !== UNDECIDED) return;
  const { text, kind } = encode(given, request.answerLimitBytes);
  note(`${request.requestId} END ${kind} after ${Math.round(performance.now() - startMs)} ms`);
  try {
    const bytes = Buffer.from(`${text}\n`);
    for (let written = 0; written < bytes.length;) written += writeSync(ANSWER_FD, bytes, written);
  } catch (error) {
    // EPIPE: nobody is left to read it.
    note(`${request.requestId} its answer reached nobody (${(error as NodeJS.ErrnoException).code})`);
  }
  endGroup();
}

/** The names are those of Lambda's runtime for the same failures. */
function encode(given: RunAnswer, limitBytes: number): { readonly text: string; readonly kind: string } {
  const threw = (name: string, message: string) => {
    const error = { name, message };
    return { text: JSON.stringify({ kind: "threw", error }), kind: `threw ${name}: ${message}` };
  };
  if (given.kind !== "returned") {
    const kind = given.kind === "threw" ? `threw ${given.error.name}: ${given.error.message}` : given.kind;
    return { text: JSON.stringify(given), kind };
  }
  let text: string;
  try {
    text = JSON.stringify({ kind: "returned", value: given.value ?? null });
  } catch (error) {
    return threw("Runtime.MarshalError", `what it returned is not JSON: ${describeThrown(error).message}`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= limitBytes) return { text, kind: "returned" };
  return threw("Function.ResponseSizeTooLarge", `what it returned has ${bytes} bytes; ${limitBytes} are allowed`);
}

/** Resolves when it watches: a function that never gives its thread back could keep it from starting. */
async function startWatchdog({ timeoutMs, logFile, logLimitBytes, requestId }: RunRequest): Promise<void> {
  const watchdog = new Worker(new URL("./watchdog.ts", import.meta.url), {
    workerData: { decision, timeoutMs, logFile, logLimitBytes, requestId },
    // Nothing of the function's may change how it is watched.
    env: {},
  });
  await new Promise<void>((resolve, reject) => {
    watchdog.once("message", () => resolve());
    watchdog.once("error", reject);
  });
}

/** Kills this process too: as on Lambda nothing of an invocation runs after its answer. */
function endGroup(): void {
  process.kill(-process.pid, "SIGKILL");
}

async function readRequest(): Promise<RunRequest | undefined> {
  let text = "";
  process.stdin.setEncoding("utf8");
  return new Promise((resolve) => {
    const take = (chunk: string): void => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0) return;
      process.stdin.off("data", take);
      process.stdin.resume();
      resolve(JSON.parse(text.slice(0, end)) as RunRequest);
    };
    process.stdin.on("data", take);
    process.stdin.once("end", () => resolve(undefined));
  });
}
