// The sending thread: one stretch of orders, then it ends.
import { parentPort, workerData } from "node:worker_threads";
import { openProducer } from "@tidegate/kafka";
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { sendOrders, type SentStretch } from "../send-orders.ts";
import { factsOf, type SendTask, type WorkerMessage } from "./messages.ts";

/** A page of orders takes milliseconds; one that takes minutes is stuck. */
const STATEMENT_LIMIT_MS = 10 * 60_000;

const stopping = new AbortController();
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

async function work({ databaseUrl, kafka, topic, batchBytes, stretch }: SendTask): Promise<SentStretch> {
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
    try {
      return await sendOrders({ pool, producer, batchBytes, now: () => Date.now() }, stretch, {
        signal: stopping.signal,
        onSent: (sent) => tell({ kind: "progress", sent }),
      });
    } finally {
      await producer.close();
    }
  } finally {
    await pool.end();
  }
}

parentPort?.on("message", () => stopping.abort(new Error("the step was stopped")));
try {
  tell({ kind: "done", result: await work(workerData as SendTask) });
} catch (error) {
  tell({ kind: "failed", facts: factsOf(error) });
}
parentPort?.close();
