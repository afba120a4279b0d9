// Sends a stretch in a thread of its own, with a heap that is bounded: a million orders neither fill the process's memory nor keep its event
// loop from what else it does (locks, heartbeats, other runs).
import { Worker } from "node:worker_threads";
import { TidegateError } from "@tidegate/kernel";
import type { SentStretch } from "../send-orders.ts";
import type { SendTask, WorkerMessage } from "./messages.ts";

/** Measured: with less young space pages are promoted and collected the long way; with more the process grows for nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 64 };

/** How long a batch that is under way may take to be acknowledged after the step was stopped. */
const STOP_LIMIT_MS = 5_000;

/** From sources, or from the bundle, beside which the build puts it. */
const PROGRAM = new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./orders-worker.js", import.meta.url);

/** Throws what the thread threw, as a TidegateError; the signal's reason when it was stopped. */
export async function sendInWorker(
  task: SendTask,
  options: {
    readonly signal: AbortSignal;
    readonly onSent: (sent: number) => void;
  },
): Promise<SentStretch> {
  const { signal, onSent } = options;
  signal.throwIfAborted();
  const worker = new Worker(PROGRAM, { workerData: task, resourceLimits: LIMITS });
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    worker.postMessage("stop");
    timer = setTimeout(() => void worker.terminate(), STOP_LIMIT_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<SentStretch>((resolve, reject) => {
      worker.on("message", (message: WorkerMessage) => {
        if (message.kind === "progress") onSent(message.sent);
        else if (message.kind === "done") resolve(message.result);
        else reject(new TidegateError(message.facts));
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the sending thread ended without a result")));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    await worker.terminate();
  }
}
