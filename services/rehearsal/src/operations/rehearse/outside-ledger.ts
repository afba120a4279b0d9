// The ledger outside: a file that no database rolls back or vouches for. One line of JSON an effect, on disk before the effect is committed.
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { StepContext } from "@tidegate/engine";
import { TidegateError, type Clock } from "@tidegate/kernel";
import type { PoolClient } from "@tidegate/postgres";

export interface OutsideLedger {
  readonly path: string;
  readonly clock: Clock;
}

/** Less than the server lets a transaction stand idle: within it, the row that the fence's check locks is surely locked still. */
const LEASE_MS = 3_000;

/**
 * Checks the fence and writes the line while no takeover can come between: the check's lock holds it off for as long as the transaction
 * stands. A process that was stopped in between finds its lease over when it wakes, and writes nothing.
 */
export async function writeOutside(
  ledger: OutsideLedger | undefined,
  client: PoolClient,
  step: StepContext,
  facts: { readonly stage: string; readonly amount: bigint },
): Promise<void> {
  const askedMs = ledger?.clock.monotonicMs() ?? 0;
  await step.fence.check(client);
  if (ledger === undefined) return;
  const line = JSON.stringify({
    runId: step.runId,
    step: step.step,
    fence: step.fence.token,
    attempt: step.attempt,
    pid: process.pid,
    stage: facts.stage,
    amount: facts.amount.toString(),
    at: ledger.clock.now().toISOString(),
  });
  const file = openSync(ledger.path, "a", 0o600);
  try {
    if (ledger.clock.monotonicMs() - askedMs > LEASE_MS) throw new LeaseOver({ step: step.step });
    writeSync(file, `${line}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

class LeaseOver extends TidegateError {
  override readonly name = "LeaseOver";
  constructor(facts: { readonly step: string }) {
    super({
      code: "rehearsal.lease-over",
      message: `Step "${facts.step}" was held up for more than ${LEASE_MS} ms between the check of its fence and its effect. Nothing was written.`,
      remedy: "Nothing: it is tried again.",
      details: facts,
      retry: "now",
      blame: "dependency",
    });
  }
}
