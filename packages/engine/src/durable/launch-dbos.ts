// DBOS in this process: its pool, its one workflow, and a queue for each version of an operation that we have.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Secret } from "@tidegate/kernel";
import { Pool } from "pg";
import type { AnyOperation } from "../operation/operation.ts";
import { queueOf, WORKFLOW_NAME } from "../flow/run-request.ts";
import type { ExecutorLock } from "./executor-lock.ts";
import { launchAlone } from "./launch-alone.ts";

/** Changes when the journal's form does; runs of another form are not touched. Operations have versions of their own (see queueOf). */
const JOURNAL_VERSION = "tidegate-journal-1";
/** How soon a run that was handed on, or retried, is picked up. */
const QUEUE_POLL_MS = 500;
/** No answer for so long is a lost connection. */
const QUERY_LIMIT_MS = 30_000;
/**
 * DBOS holds the row of a run in every transaction that records a step. Of a process that is stopped in one the server ends the session,
 * before it ends the executor's own (see executor-lock.ts): else the run could not be handed on. DBOS tries again what fails of it.
 */
export const IDLE_IN_TRANSACTION_MS = 5_000;

export interface LaunchOptions {
  readonly url: Secret;
  readonly executor: string;
  readonly lock: ExecutorLock;
  readonly operations: readonly AnyOperation[];
  /** Runs a workflow: its argument and result are texts of ours. */
  readonly execute: (text: string) => Promise<string>;
  readonly onTrouble: (message: string) => void;
}

export interface LaunchedDbos {
  /** Begins a run here; resolves when it is recorded, not when it ends. The same id twice begins one run. */
  readonly begin: (
    runId: string,
    text: string,
    operation: { readonly name: string; readonly version: number },
  ) => Promise<void>;
  readonly shutdown: () => Promise<void>;
}

/** DBOS keeps its state per process, and so its workflow is registered once; it runs what is launched now. */
let execute: LaunchOptions["execute"] | undefined;
let workflow: ((text: string) => Promise<string>) | undefined;

export async function launchDbos(options: LaunchOptions): Promise<LaunchedDbos> {
  if (execute !== undefined)
    throw new Error("An engine runs in this process already; stop it first. DBOS keeps its state per process.");
  execute = options.execute;
  workflow ??= DBOS.registerWorkflow(async (text: string) => runLaunched(text), {
    name: WORKFLOW_NAME,
    // Ours to count: see fruitless claims.
    maxRecoveryAttempts: 1_000_000_000,
  });
  const run = workflow;
  const pool = new Pool({
    connectionString: options.url.reveal(),
    application_name: `tidegate engine ${options.executor}`,
    max: 12,
    connectionTimeoutMillis: 10_000,
    query_timeout: QUERY_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  });
  // Without a listener, the loss of an idle connection would end the process; the executor's lock tells of it.
  pool.on("error", () => undefined);
  const close = async (): Promise<void> => {
    execute = undefined;
    await pool.end();
  };
  try {
    DBOS.setConfig({
      name: "tidegate",
      systemDatabaseUrl: options.url.reveal(),
      systemDatabasePool: pool,
      executorID: options.executor,
      applicationVersion: JOURNAL_VERSION,
      listenQueues: options.operations.map(queueOf),
      logger: troubleLogger(options.onTrouble),
    });
    await launchAlone(options.lock, async () => {
      await DBOS.launch();
      for (const operation of options.operations) {
        await DBOS.registerQueue(queueOf(operation), { minPollingIntervalMs: QUEUE_POLL_MS });
      }
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    begin: async (runId, text, { name, version }) => {
      const attributes = { operation: name, version };
      const handle = await DBOS.startWorkflow(run, { workflowID: runId, workflowAttributes: attributes })(text);
      // Its end is read from the history by whoever wants it; here it must only not be an unhandled rejection.
      handle.getResult().catch(() => undefined);
    },
    shutdown: async () => {
      await DBOS.shutdown();
      await close();
    },
  };
}

async function runLaunched(text: string): Promise<string> {
  if (execute === undefined) throw new Error("No engine runs in this process");
  return execute(text);
}

/** DBOS's own words: what went wrong becomes an event, the rest is dropped. A run's own failure is not trouble. */
function troubleLogger(onTrouble: (message: string) => void) {
  const tell = (entry: unknown): void => {
    if (entry instanceof Error && entry.name === "TidegateRunEnd") return;
    onTrouble(entry instanceof Error ? entry.message : String(entry));
  };
  return { debug: () => undefined, info: () => undefined, warn: tell, error: tell };
}
