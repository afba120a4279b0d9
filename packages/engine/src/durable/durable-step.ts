// A step in DBOS's journal: looked up, or done once and recorded, value or error alike.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { StepKind } from "../events/engine-event.ts";
import { open, type Opened } from "../flow/envelope.ts";
import type { Execution } from "../flow/execution.ts";
import type { StepCall } from "../flow/journal.ts";
import { performStep, type PerformDeps } from "../flow/perform-step.ts";
import { journalCall } from "./journal-call.ts";

export interface DurableDeps extends PerformDeps {
  /** Ends this executor: it can no longer keep its journal. */
  readonly giveUp: (error: unknown) => void;
}

/** Gives the recorded value or error, with the time when it was recorded. */
export async function durableStep<T>(deps: DurableDeps, execution: Execution, call: StepCall<T>): Promise<Opened> {
  const { position } = execution.reserve(1);
  let tell: (() => void) | undefined;
  const perform = async (): Promise<string> => {
    const performed = await performStep(deps, execution, call, position);
    tell = performed.tell;
    return performed.text;
  };
  const text = await journalCall(execution, deps.giveUp, () => DBOS.runStep(perform, { name: journalName(call) }));
  tell?.();
  return open(text);
}

/** How a call is named in DBOS's history: its kind, then its name; the name of an undo has its kind already. */
function journalName(call: { readonly kind: StepKind; readonly name: string }): string {
  return call.kind === "undo" ? call.name : `${call.kind}:${call.name}`;
}
