// What a sending thread does: one stretch of orders after another, each told to who asked for it.
import { parentPort, workerData } from "node:worker_threads";
import { openProducer, type KafkaProducer } from "@tidegate/kafka";
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { sendOrders, type SendDeps, type SentStretch, type Stretch } from "../send-orders.ts";
import { forgetUnsent, recordUnsent } from "../unsent-orders.ts";
import { factsOf, type SenderSettings, type ThreadMessage, type ThreadRequest } from "./messages.ts";

/** A page of orders takes milliseconds; one that takes minutes is stuck. */
const STATEMENT_LIMIT_MS = 10 * 60_000;

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message);

/** Answers requests until it is asked to close. `createToRecord` as for sendOrders. */
export function serveStretches(createToRecord?: SendDeps["createToRecord"]): void {
  const sender = createSender(workerData as SenderSettings, createToRecord);
  let stopping = new AbortController();
  const answer = async (stretch: Stretch): Promise<void> => {
    stopping = new AbortController();
    try {
      tell({ kind: "done", result: await sender.send(stretch, stopping.signal) });
    } catch (error) {
      tell({ kind: "failed", facts: factsOf(error) });
    }
  };
  parentPort?.on("message", (request: ThreadRequest) => {
    if (request.kind === "send") void answer(request.stretch);
    else if (request.kind === "stop") stopping.abort(new Error("the step was stopped"));
    else void sender.close().finally(() => parentPort?.close());
  });
}

interface Sender {
  send(stretch: Stretch, signal: AbortSignal): Promise<SentStretch>;
  close(): Promise<void>;
}

function createSender(settings: SenderSettings, createToRecord: SendDeps["createToRecord"]): Sender {
  const { databaseUrl, runId, topic, batchBytes } = settings;
  const more = createToRecord === undefined ? {} : { createToRecord };
  const pool = createPool({
    url: new Secret(databaseUrl),
    max: 2,
    applicationName: "tidegate bazooka orders",
    statementTimeoutMs: STATEMENT_LIMIT_MS,
  });
  let producer: KafkaProducer | undefined;
  return {
    async send(stretch, signal) {
      const scope = { runId, kind: stretch.kind };
      const record: SendDeps["record"] = async (problems) => recordUnsent(pool, scope, problems);
      producer ??= await openProducer(connectionOf(settings), topic);
      await forgetUnsent(pool, scope, stretch);
      return sendOrders({ pool, producer, batchBytes, now: () => Date.now(), record, ...more }, stretch, {
        signal,
        onSent: (sent) => tell({ kind: "progress", sent }),
      });
    },
    async close() {
      await Promise.all([producer?.close(), pool.end()]);
    },
  };
}

function connectionOf({ kafka }: SenderSettings): Parameters<typeof openProducer>[0] {
  const { login, ...rest } = kafka;
  return { ...rest, ...(login === undefined ? {} : { login: { ...login, password: new Secret(login.password) } }) };
}
