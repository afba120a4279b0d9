// How a run ended, as it was recorded.
import type { RunOutcome } from "../control/engine.ts";

export type Ending =
  | { readonly state: "succeeded"; readonly value: unknown; readonly text: string }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "cancelled"; readonly undone: readonly string[]; readonly told: readonly string[] };

export function outcomeOf(end: Ending): RunOutcome {
  if (end.state === "succeeded") return { state: "succeeded", result: end.value };
  return end.state === "failed" ? { state: "failed", error: end.error } : { state: "cancelled" };
}
