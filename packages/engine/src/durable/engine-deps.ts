// What the pieces of the durable engine share.
import type { Clock, Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import type { EngineEvent, EventCode, EventData } from "../events/engine-event.ts";
import type { Registry } from "../operation/registry.ts";
import type { EventExtras } from "../projection/apply-event.ts";
import type { Projector } from "../projection/create-projector.ts";
import type { Execution } from "../flow/execution.ts";
import type { ExecutorLock } from "./executor-lock.ts";
import type { LaunchedDbos } from "./launch-dbos.ts";

export interface EngineDeps {
  readonly executor: string;
  readonly pool: Pool;
  readonly registry: Registry;
  readonly clock: Clock;
  /** As they are known now: look each time. */
  readonly secrets: readonly Secret[];
  readonly projector: Projector;
  readonly lock: ExecutorLock;
  readonly dbos: LaunchedDbos;
  /** Runs that this executor works on now. */
  readonly executions: Map<string, Execution>;
  /** Runs that DBOS has given to this executor and that are being claimed. */
  readonly arriving: Set<string>;
  /** Ended runs that this executor is about to let run again. */
  readonly retrying: Set<string>;
  /** Aborted when this executor stops or is lost. */
  readonly halt: AbortSignal;
  readonly emit: (event: EngineEvent, extras?: EventExtras) => void;
  readonly giveUp: (error: unknown) => void;
  /** Resolves soon after something of the run was stored by any executor, or after `limitMs`. */
  readonly stored: (runId: string, limitMs: number) => Promise<void>;
}

/** An event of now. */
export function eventOf<C extends EventCode>(
  clock: Clock,
  code: C,
  data: EventData[C],
  of: { readonly runId?: string; readonly step?: string } = {},
): EngineEvent {
  // Code and data are paired by the signature.
  return { code, at: clock.now(), runId: of.runId ?? null, step: of.step ?? null, data } as EngineEvent;
}
