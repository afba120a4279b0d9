// Waits for the run's lock as long as the run may, over all its executions.
import { waitUntil } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { LockHeld } from "../errors/run-errors.ts";
import type { Execution } from "../flow/execution.ts";
import type { DurableDeps } from "./durable-step.ts";
import { takeLock } from "./locks.ts";
import { steadily } from "./steadily.ts";

const LOCK_POLL_MS = 250;

/** Throws LockHeld; rejects with the reason of the cancel. Of several waiting runs any may be the next. */
export async function waitForLock(
  deps: DurableDeps & { readonly pool: Pool },
  execution: Execution,
  { lock, until }: { readonly lock: string; readonly until: Date },
): Promise<void> {
  const { request, emit, cancel, halt } = execution;
  const begunMs = deps.clock.now().getTime();
  let isTold = false;
  await waitUntil(
    async () => {
      const held = await steadily(deps.giveUp, () => takeLock(deps.pool, lock, request));
      if (held === "taken") return true;
      const now = deps.clock.now();
      if (now >= until) throw new LockHeld({ lock: held, now, waitedMs: now.getTime() - begunMs });
      if (!isTold) {
        emit("run.waiting-for-lock", {
          lock,
          holder: held.holder,
          holderRun: held.runId,
          until: until.toISOString(),
        });
      }
      isTold = true;
      return undefined;
    },
    {
      what: `The lock "${lock}" becoming free`,
      // The limit that counts is `until`: it is the run's, over all its executions.
      limitMs: until.getTime() - begunMs + 60_000,
      everyMs: LOCK_POLL_MS,
      remedy: "Look at `tidegate locks`.",
      signal: AbortSignal.any([cancel, halt]),
      clock: deps.clock,
    },
  );
  emit("run.lock-acquired", { lock });
}
