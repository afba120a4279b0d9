// Sends stretches in a thread of its own, with a heap that is bounded: a million orders neither fill the process's memory nor keep its event
// loop from what else it does (locks, heartbeats, other runs).
import { Worker } from "node:worker_threads";
import { TidegateError } from "@tidegate/kernel";
import type { SentStretch, Stretch } from "../send-orders.ts";
import type { SenderSettings, ThreadMessage, ThreadRequest } from "./messages.ts";

/** Measured: with less young space pages are promoted and collected the long way; with more the process grows for nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 64 };

/** How long a batch that is under way may take to be acknowledged after the step was stopped, and connections to be closed. */
const STOP_LIMIT_MS = 5_000;

/** From sources, or from the bundle, beside which the build puts it. */
const PROGRAM = new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./orders-worker.js", import.meta.url);

export interface SendingThread {
  /**
   * One stretch at a time. Throws what the thread threw, as a TidegateError; the signal's reason when it was stopped. What failed takes the thread
   * with it: the next stretch has a new one, with connections of its own.
   */
  send(
    stretch: Stretch,
    options: { readonly signal: AbortSignal; readonly onSent: (sent: number) => void },
  ): Promise<SentStretch>;
  /** The thread has ended when it resolves. */
  close(): Promise<void>;
}

/** Starts the thread with the first stretch: a run whose stretches are all done needs none. */
export function createSendingThread(settings: SenderSettings): SendingThread {
  let worker: Worker | undefined;
  const start = (): Worker => {
    const started = new Worker(PROGRAM, { workerData: settings, resourceLimits: LIMITS });
    const gone = (): void => {
      if (worker === started) worker = undefined;
    };
    started.on("error", gone).on("exit", gone);
    // Between stretches nobody waits for it: it keeps no process from ending, and when it is gone the next stretch has a new one.
    started.unref();
    return started;
  };
  const close = async (): Promise<void> => {
    const ending = worker;
    worker = undefined;
    if (ending !== undefined) await end(ending);
  };
  return {
    async send(stretch, options) {
      options.signal.throwIfAborted();
      worker ??= start();
      try {
        return await exchange(worker, stretch, options);
      } catch (error) {
        await close();
        options.signal.throwIfAborted();
        throw error;
      }
    },
    close,
  };
}

async function exchange(
  worker: Worker,
  stretch: Stretch,
  { signal, onSent }: Parameters<SendingThread["send"]>[1],
): Promise<SentStretch> {
  const answered = Promise.withResolvers<SentStretch>();
  const hear = (message: ThreadMessage): void => {
    if (message.kind === "progress") onSent(message.sent);
    else if (message.kind === "done") answered.resolve(message.result);
    else answered.reject(new TidegateError(message.facts));
  };
  const exited = (): void => answered.reject(new Error("the sending thread ended without a result"));
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    ask(worker, { kind: "stop" });
    timer = setTimeout(() => void worker.terminate(), STOP_LIMIT_MS);
  };
  worker.on("message", hear).once("error", answered.reject).once("exit", exited);
  signal.addEventListener("abort", stop, { once: true });
  worker.ref();
  try {
    ask(worker, { kind: "send", stretch });
    return await answered.promise;
  } finally {
    worker.unref();
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    worker.off("message", hear).off("error", answered.reject).off("exit", exited);
  }
}

async function end(worker: Worker): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const timer = setTimeout(ended.resolve, STOP_LIMIT_MS);
  worker.ref();
  // Its work is told or given up; how it ends says nothing more.
  worker.once("exit", () => ended.resolve()).once("error", () => ended.resolve());
  ask(worker, { kind: "close" });
  await ended.promise;
  clearTimeout(timer);
  await worker.terminate();
}

const ask = (worker: Worker, request: ThreadRequest): void => worker.postMessage(request);
