// What a rehearsal would write. Pure.
import type { PlanDraft, PlanStep } from "@tidegate/engine";
import type { RehearsalInput, StageObservation } from "../../types.ts";
import { amountOf } from "./amount-of.ts";

export function planRehearsal(input: RehearsalInput, observation: StageObservation): PlanDraft {
  const { stage } = input;
  const writes = (prefix: string, count: number): PlanStep[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${prefix}-${index + 1}`,
      change: `Writes one row of ${amountOf(index + 1)} into rehearsal.ledger, stage "${stage}"`,
      destroys: false,
      undo: "A row of the opposite amount, when the run is cancelled",
    }));
  const steps = [
    ...(observation.isPrepared ? [] : [PREPARE]),
    ...(input.clear && observation.rows > 0n ? [clearStep(stage, observation.rows)] : []),
    ...writes("write", input.steps),
    ...writes("side", input.parallel),
    ...(input.childSteps > 0 ? [childStep(stage, input.childSteps)] : []),
  ];
  const notes = [
    `Takes about ${Math.ceil((input.steps * input.stepMs) / 1_000)} s.`,
    ...(input.approval ? ["Waits for an approval before the sum is made."] : []),
  ];
  return { target: stage, summary: `Rehearse ${steps.length} changes on stage "${stage}".`, steps, notes };
}

const PREPARE: PlanStep = {
  name: "prepare",
  change: "Creates the schema rehearsal with its ledger",
  destroys: false,
  undo: "DROP SCHEMA rehearsal CASCADE, by hand",
};

function clearStep(stage: string, rows: bigint): PlanStep {
  return {
    name: "clear",
    change: `Deletes ${rows} rows of stage "${stage}" from rehearsal.ledger`,
    destroys: true,
    undo: null,
  };
}

function childStep(stage: string, steps: number): PlanStep {
  return {
    name: "child",
    change: `Runs a rehearsal of ${steps} steps on stage "${stage}-child"`,
    destroys: false,
    undo: "By its own compensation, when the run is cancelled while it works",
  };
}
