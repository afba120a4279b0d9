// What a sending thread does: one stretch of orders, told to who started it.
import { parentPort, workerData } from "node:worker_threads";
import { openProducer } from "@tidegate/kafka";
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { sendOrders, type SendDeps, type SentStretch } from "../send-orders.ts";
import { forgetUnsent, recordUnsent } from "../unsent-orders.ts";
import { factsOf, type SendTask, type WorkerMessage } from "./messages.ts";

/** A page of orders takes milliseconds; one that takes minutes is stuck. */
const STATEMENT_LIMIT_MS = 10 * 60_000;

const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

/** Performs the task that the thread was started with, then lets the thread end. `createToRecord` as for sendOrders. */
export async function performTask(createToRecord?: SendDeps["createToRecord"]): Promise<void> {
  const stopping = new AbortController();
  parentPort?.on("message", () => stopping.abort(new Error("the step was stopped")));
  try {
    const more = createToRecord === undefined ? {} : { createToRecord };
    tell({ kind: "done", result: await work(workerData as SendTask, stopping.signal, more) });
  } catch (error) {
    tell({ kind: "failed", facts: factsOf(error) });
  }
  parentPort?.close();
}

async function work(
  { databaseUrl, kafka, runId, topic, batchBytes, stretch }: SendTask,
  signal: AbortSignal,
  more: Pick<SendDeps, "createToRecord">,
): Promise<SentStretch> {
  const { login, ...rest } = kafka;
  const connection = {
    ...rest,
    ...(login === undefined ? {} : { login: { ...login, password: new Secret(login.password) } }),
  };
  const pool = createPool({
    url: new Secret(databaseUrl),
    max: 2,
    applicationName: "tidegate bazooka orders",
    statementTimeoutMs: STATEMENT_LIMIT_MS,
  });
  try {
    const producer = await openProducer(connection, topic);
    const scope = { runId, kind: stretch.kind };
    const record: SendDeps["record"] = async (problems) => recordUnsent(pool, scope, problems);
    try {
      await forgetUnsent(pool, scope, stretch);
      return await sendOrders({ pool, producer, batchBytes, now: () => Date.now(), record, ...more }, stretch, {
        signal,
        onSent: (sent) => tell({ kind: "progress", sent }),
      });
    } finally {
      await producer.close();
    }
  } finally {
    await pool.end();
  }
}
