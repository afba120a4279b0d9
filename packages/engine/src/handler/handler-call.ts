// One invocation, and how its run ended.
import type { Clock, Logger } from "@tidegate/kernel";
import type { RunOutcome } from "../control/engine.ts";
import type { EventListener } from "../events/engine-event.ts";
import { RunCancelled } from "../errors/run-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { HandlerDeadline } from "./handler-errors.ts";

export interface HandlerCall {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly by: string;
  readonly key: string;
  readonly requestId: string;
  /** What is left for waiting. */
  readonly waitMs: () => number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onEvent: EventListener;
}

export interface Ended {
  readonly runId: string;
  readonly result: unknown;
}

/** Throws HandlerDeadline, the run's error, or RunCancelled. */
export function endOf(
  outcome: RunOutcome | "unfinished",
  runId: string,
  facts: { readonly by: string; readonly goesOn: boolean },
): Ended {
  if (outcome === "unfinished") throw new HandlerDeadline({ runId, goesOn: facts.goesOn });
  if (outcome.state === "failed") throw outcome.error;
  if (outcome.state === "cancelled") throw new RunCancelled({ runId, by: "an operator" });
  return { runId, result: outcome.result };
}
