// Who has waited for the end of a run reads it next: the projection, which is written behind it, may catch up first.
import { queryRows, type Pool } from "@tidegate/postgres";
import type { Clock } from "@tidegate/kernel";
import { ENDED_STATES, type RunState } from "../projection/run.ts";

/** Longer than a batch of events is gathered for; whoever has to tell it may also be dead, and the sweep tells it later. */
const LIMIT_MS = 2_000;
const LOOK_MS = 20;

/** Resolves when the run is shown as ended, or after two seconds. */
export async function whenShown(
  { pool, clock }: { readonly pool: Pool; readonly clock: Clock },
  runId: string,
): Promise<void> {
  for (const untilMs = clock.monotonicMs() + LIMIT_MS; clock.monotonicMs() < untilMs; await clock.sleep(LOOK_MS)) {
    const [row] = await queryRows<{ state: RunState }>(pool, "SELECT state FROM tidegate_engine.runs WHERE id = $1", [
      runId,
    ]);
    if (row !== undefined && ENDED_STATES.has(row.state)) return;
  }
}
