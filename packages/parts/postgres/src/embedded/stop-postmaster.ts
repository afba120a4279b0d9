// Stops a server in order, within limits.
import { TimedOut, waitUntil } from "@tidegate/kernel";
import { isRunning, type ProcessIdentity } from "./process-table.ts";

/** fast: ends sessions, writes a checkpoint. immediate: ends at once, the next start recovers. Both keep what was committed. */
export type StopMode = "fast" | "immediate";

/** PostgreSQL documentation, "Shutting Down the Server". */
const SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT" } as const;

/** The postmaster itself kills backends that do not end within 5 s of an immediate shutdown. */
const IMMEDIATE_LIMIT_MS = 15_000;

/** Resolves when the server is gone; a fast stop becomes an immediate one after `fastLimitMs` (default 10,000). */
export async function stopPostmaster(process: ProcessIdentity, mode: StopMode, fastLimitMs = 10_000): Promise<void> {
  if (mode === "fast") {
    try {
      return await signalAndWait(process, "fast", fastLimitMs);
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
    }
  }
  await signalAndWait(process, "immediate", IMMEDIATE_LIMIT_MS);
}

async function signalAndWait(target: ProcessIdentity, mode: StopMode, limitMs: number): Promise<void> {
  if (!isRunning(target)) return;
  process.kill(target.pid, SIGNALS[mode]);
  await waitUntil(() => (isRunning(target) ? undefined : true), {
    what: `The ${mode} stop of PostgreSQL (pid ${target.pid})`,
    limitMs,
    everyMs: 20,
    remedy: "Look at the server's log. What was committed is safe whatever ends it.",
  });
}
