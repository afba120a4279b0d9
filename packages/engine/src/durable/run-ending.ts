// How the end of a run stands in DBOS: its value as the workflow's output, anything else as the error that the workflow throws.
import type { WorkflowStatus } from "@dbos-inc/dbos-sdk";
import type { Secret } from "@tidegate/kernel";
import { open, sealError, sealValue } from "../flow/envelope.ts";
import type { Ending } from "../flow/ending.ts";
import type { FlowEnd } from "../flow/run-flow.ts";

/** Thrown by the workflow for DBOS to record; its fields survive DBOS's serialisation of errors. */
class RunEnd extends Error {
  override readonly name = "TidegateRunEnd";
  readonly tidegate: {
    readonly state: "failed" | "cancelled";
    readonly undone: readonly string[];
    /** Runs that ended before Tidegate told it have none. */
    readonly told?: readonly string[];
    readonly journal: string;
  };
  constructor(tidegate: RunEnd["tidegate"]) {
    super(`The run ${tidegate.state}.`);
    this.tidegate = tidegate;
  }
}

/** Gives the text to return from the workflow, or throws what it must throw. */
export function recordEnding(
  end: FlowEnd,
  facts: { readonly what: string; readonly at: Date; readonly secrets: readonly Secret[] },
): string {
  const { at, secrets } = facts;
  if (end.state === "cancelled")
    throw new RunEnd({ state: "cancelled", undone: end.undone, told: end.told, journal: "" });
  if (end.state === "failed")
    throw new RunEnd({ state: "failed", undone: [], told: [], journal: sealError(end.error, { at, secrets }) });
  try {
    return sealValue(end.value, facts);
  } catch (error) {
    throw new RunEnd({ state: "failed", undone: [], told: [], journal: sealError(error, { at, secrets }) });
  }
}

/** Undefined while the run goes on. */
export function readEnding(workflow: WorkflowStatus): { readonly at: Date; readonly end: Ending } | undefined {
  const endedAt = new Date(workflow.completedAt ?? workflow.updatedAt ?? workflow.createdAt);
  if (workflow.status === "SUCCESS") {
    const text = String(workflow.output);
    const { at, outcome } = open(text);
    return { at, end: { state: "succeeded", text, value: "value" in outcome ? outcome.value : undefined } };
  }
  if (workflow.status === "ERROR") {
    const thrown = workflow.error as Partial<RunEnd> & Error;
    if (thrown.tidegate === undefined) return { at: endedAt, end: { state: "failed", error: thrown } };
    if (thrown.tidegate.state === "cancelled")
      return {
        at: endedAt,
        end: { state: "cancelled", undone: thrown.tidegate.undone, told: thrown.tidegate.told ?? [] },
      };
    const { at, outcome } = open(thrown.tidegate.journal);
    return { at, end: { state: "failed", error: "error" in outcome ? outcome.error : thrown } };
  }
  if (workflow.status === "CANCELLED") return { at: endedAt, end: { state: "cancelled", undone: [], told: [] } };
  if (workflow.status === "MAX_RECOVERY_ATTEMPTS_EXCEEDED") {
    return {
      at: endedAt,
      end: { state: "failed", error: new Error("DBOS gave the run up: it was recovered too often.") },
    };
  }
  return undefined;
}
