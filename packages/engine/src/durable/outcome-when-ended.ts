// Waits for the end of a run, whichever executor has it.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { RunOutcome } from "../control/engine.ts";
import { RunUnknown } from "../errors/run-errors.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { outcomeOf } from "../flow/ending.ts";
import { readEnding } from "./run-ending.ts";

/** Between two looks when nothing is announced. */
const LOOK_MS = 1_000;

/** Rejects with the signal's reason when it aborts first. Throws RunUnknown. */
export async function outcomeWhenEnded(
  deps: Pick<EngineDeps, "stored">,
  runId: string,
  signal: AbortSignal,
): Promise<{ readonly at: Date; readonly outcome: RunOutcome }> {
  for (;;) {
    signal.throwIfAborted();
    const workflow = await DBOS.getWorkflowStatus(runId);
    if (workflow === null) throw new RunUnknown({ runId });
    const ending = readEnding(workflow);
    if (ending !== undefined) return { at: ending.at, outcome: outcomeOf(ending.end) };
    await deps.stored(runId, LOOK_MS);
  }
}
