// One execution of a run by this executor: from its claim to its end, or to the moment when the executor stops or loses it.
import { RunCancelled } from "../errors/run-errors.ts";
import type { EngineEvent, EventCode, EventData } from "../events/engine-event.ts";
import type { Fence } from "../context/run-context.ts";
import type { EventExtras } from "../projection/apply-event.ts";
import type { RunRequest } from "./run-request.ts";

export interface CancelRequest {
  readonly by: string;
  readonly reason: string | null;
}

type EmitRun = <C extends EventCode>(
  code: C,
  data: EventData[C],
  more?: EventExtras & { readonly step?: string },
) => void;

export interface Execution {
  readonly request: RunRequest;
  readonly fence: Fence;
  readonly emit: EmitRun;
  /** Aborted with RunCancelled. */
  readonly cancel: AbortSignal;
  /** Aborted when this executor stops or has lost the run: nothing may be recorded or begun any more. */
  readonly halt: AbortSignal;
  /** The run is another execution's now: aborts `halt`, and this executor works on it no more. */
  readonly displace: () => void;
  /** Either of the two. */
  readonly over: AbortSignal;
  /** Reserves places in the journal, in the order in which DBOS gives them; says whether each is filled already. */
  reserve(count: number): { readonly position: number; readonly isRecorded: readonly boolean[] };
  /** Topics that the run waits on now; a cancel is sent to each. */
  readonly waits: Set<string>;
  /** Called again for each new wait once the cancel has come. */
  readonly onCancel: (listener: () => void) => void;
  requestCancel(request: CancelRequest): void;
}

export function createExecution(facts: {
  readonly request: RunRequest;
  readonly fence: Fence;
  /** Places of the journal that are filled. */
  readonly recorded: ReadonlySet<number>;
  readonly halt: AbortSignal;
  readonly emit: (event: EngineEvent, more: EventExtras) => void;
  readonly now: () => Date;
  /** Default nothing. */
  readonly onDisplaced?: (execution: Execution) => void;
}): Execution {
  const { request, recorded } = facts;
  const cancel = new AbortController();
  const displaced = new AbortController();
  const halt = AbortSignal.any([facts.halt, displaced.signal]);
  const listeners: Array<() => void> = [];
  const emit: EmitRun = (code, data, more) => {
    // One object for all codes: code and data belong together by EmitRun's signature.
    const event = { code, at: facts.now(), runId: request.runId, step: more?.step ?? null, data } as EngineEvent;
    facts.emit(event, more ?? {});
  };
  let places = 0;
  const reserve: Execution["reserve"] = (count) => {
    const position = places;
    places += count;
    return { position, isRecorded: Array.from({ length: count }, (_, index) => recorded.has(position + index)) };
  };
  const requestCancel = (asked: CancelRequest): void => {
    if (cancel.signal.aborted) return;
    emit("run.cancel-requested", { by: asked.by, reason: asked.reason });
    cancel.abort(new RunCancelled({ runId: request.runId, by: asked.by, reason: asked.reason }));
    for (const listener of listeners) listener();
  };
  const execution: Execution = {
    request,
    fence: facts.fence,
    emit,
    cancel: cancel.signal,
    halt,
    over: AbortSignal.any([cancel.signal, halt]),
    displace: () => {
      if (displaced.signal.aborted) return;
      displaced.abort(new Error(`Run ${request.runId} is another execution's now.`));
      facts.onDisplaced?.(execution);
    },
    reserve,
    waits: new Set(),
    onCancel: (listener) => void listeners.push(listener),
    requestCancel,
  };
  return execution;
}

/** Why the run ends: RunCancelled, also in a run that was cancelled in an earlier execution. */
export function cancelReason(execution: Execution): Error {
  const { reason } = execution.cancel as { readonly reason: unknown };
  return reason instanceof Error ? reason : new RunCancelled({ runId: execution.request.runId, by: "engine" });
}

/** For what must neither succeed nor fail any more: the run is another's now, or will be. */
export async function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}
