// The life line of an executor: a session whose advisory lock says "I live", and whose silence ends it.
import { describeError, type Secret } from "@tidegate/kernel";
import { Client, DatabaseError } from "pg";
import { ExecutorLost } from "../errors/executor-errors.ts";
import { CHANNEL } from "../projection/store-rows.ts";

export interface LockTiming {
  /** Between two signs of life. Default 2,000. */
  readonly pingMs: number;
  /** A sign of life unanswered for so long means that this executor is cut off. Default 4,000. */
  readonly pingLimitMs: number;
  /** The server ends a session that was silent for so long, and with it the lock. Default 8,000; more than the two above together. */
  readonly silenceMs: number;
}

export const DEFAULT_TIMING: LockTiming = { pingMs: 2_000, pingLimitMs: 4_000, silenceMs: 8_000 };

export interface ExecutorLock {
  readonly number: bigint;
  /** Runs a statement on the session; one at a time. One that is not answered in time is a sign of life that failed: the executor is lost. */
  readonly query: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  /** Resolves when the session has answered, or is known to be lost. */
  readonly confirm: () => Promise<void>;
  readonly release: () => Promise<void>;
  /** Releases it as if this executor had never been there; for one that has had no runs. */
  readonly withdraw: () => Promise<void>;
}

/** First key of the two-key advisory locks of executors: "tide" in ASCII. */
export const LOCK_CLASS = 0x74696465;

export interface ExecutorLockOptions {
  readonly url: Secret;
  readonly executor: string;
  readonly host: string;
  readonly operations: readonly string[];
  readonly timing: LockTiming;
  readonly onLost: (error: ExecutorLost) => void;
  readonly onNotification: (payload: string) => void;
}

/**
 * Opens the session, registers the executor and takes its lock.
 *
 * Killed: the kernel closes the socket and the lock is free at once. Cut off or stopped (SIGSTOP): the server hears nothing and ends
 * the session (`idle_session_timeout`), which TCP keepalives alone would not do for a stopped process: its kernel answers them. Either way this
 * side learns of it by an unanswered sign of life, before the server's time is over. Needs a session of its own: no transaction-mode pooler.
 */
export async function holdExecutorLock(options: ExecutorLockOptions): Promise<ExecutorLock> {
  const { timing, executor } = options;
  const client = new Client({
    connectionString: options.url.reveal(),
    application_name: `tidegate executor ${executor}`,
    connectionTimeoutMillis: 10_000,
    query_timeout: timing.pingLimitMs,
    keepAlive: true,
  });
  let isOver = false;
  // It may be lost before it pings.
  let pinging: NodeJS.Timeout | undefined;
  const lost = (reason: string, cause?: unknown): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(pinging);
    options.onLost(new ExecutorLost({ executor, reason, cause }));
    client.end().catch(() => undefined);
  };
  client.on("error", (error) => lost(describeError(error), error));
  client.on("end", () => lost("its session was closed"));
  client.on("notification", ({ payload }) => options.onNotification(payload ?? ""));

  let last: Promise<unknown> = Promise.resolve();
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const turn = last
      .then(async () => client.query<Row>(text, [...values]))
      .catch((error: unknown) => {
        // Whatever is not the server's answer: silence, or a session that is gone. What stands behind it in the queue must not wait its own time.
        if (!(error instanceof DatabaseError)) lost(`its session does not answer (${describeError(error)})`, error);
        throw error;
      });
    last = turn.catch(() => undefined);
    return (await turn).rows;
  };
  const ping = async (): Promise<void> => {
    if (isOver) return;
    try {
      await query("SELECT 1");
    } catch (error) {
      lost(`a sign of life was not answered (${describeError(error)})`, error);
    }
  };

  await client.connect();
  const number = await register(query, options).catch(async (error: unknown) => {
    isOver = true;
    await client.end().catch(() => undefined);
    throw error;
  });
  pinging = setInterval(() => void ping(), timing.pingMs);
  pinging.unref();
  const release = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    clearInterval(pinging);
    await client.end();
  };
  return {
    number,
    query,
    confirm: ping,
    release,
    withdraw: async () => {
      await query("DELETE FROM tidegate_engine.executors WHERE number = $1", [number]);
      await release();
    },
  };
}

async function register(
  query: ExecutorLock["query"],
  { executor, host, operations, timing }: ExecutorLockOptions,
): Promise<bigint> {
  await query(`SET idle_session_timeout = ${timing.silenceMs}`);
  const [row] = await query<{ number: string }>(
    "SELECT nextval(pg_get_serial_sequence('tidegate_engine.executors', 'number')) AS number",
  );
  const number = BigInt(row?.number ?? 0);
  // The lock before the row: whoever sees a row whose lock is free takes that executor for dead.
  await query("SELECT pg_advisory_lock($1::int, $2::int)", [LOCK_CLASS, Number(number)]);
  await query(
    "INSERT INTO tidegate_engine.executors (number, id, host, pid, operations) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)",
    [number, executor, host, process.pid, operations],
  );
  await query(`LISTEN ${CHANNEL}`);
  return number;
}
