// The engine as its host sees it: the control half of the port over the pieces.
import type { Capability, Engine } from "../control/engine.ts";
import { BY_CONTRACT } from "../control/engine.ts";
import type { EventListener } from "../events/engine-event.ts";
import { loadPlan } from "../plan/store-plan.ts";
import { getRun, listRuns, readEvents } from "../projection/read-runs.ts";
import { createSchedules, type SchedulesDeps } from "../schedules/create-schedules.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { keepHouse } from "./keep-house.ts";
import { readLocks } from "./locks.ts";
import { outcomeWhenEnded } from "./outcome-when-ended.ts";
import { rebuildProjection } from "./refresh-runs.ts";
import { requestCancel } from "./request-cancel.ts";
import { retryRun } from "./retry-run.ts";
import { sendApproval, sendSignal } from "./send-signal.ts";
import { applyPlan, planRun, startRun } from "./start-run.ts";
import { whenShown } from "./when-shown.ts";

const CAPABILITIES: ReadonlySet<Capability> = new Set([
  "list",
  "signal",
  "cancel",
  "retry",
  "lock",
  "schedule",
  "takeover",
]);

export interface FaceParts {
  readonly halt: AbortController;
  readonly listeners: Set<EventListener>;
  readonly onStored: Engine["onStored"];
  readonly close: () => Promise<void>;
}

export function engineFace(deps: EngineDeps, parts: FaceParts): Engine {
  const { pool, registry } = deps;
  const scheduling: SchedulesDeps = {
    pool,
    get secrets() {
      return deps.secrets;
    },
    registry,
    clock: deps.clock,
    start: async (schedule, { by, key, signal }) =>
      startRun(deps, registry.latest(schedule.operation), schedule.input, {
        by,
        reason: `schedule ${schedule.name}`,
        lockWaitMs: schedule.lockWaitMs,
        confirm: BY_CONTRACT,
        ...(signal === undefined ? {} : { signal }),
        ...(key === undefined ? {} : { key }),
      }),
  };
  const house = keepHouse(deps, { ...scheduling, emit: deps.emit });
  return {
    capabilities: CAPABILITIES,
    operations: registry.operations,
    plan: async (name, input, options) => planRun(deps, registry.latest(name), { input, ...options }),
    getPlan: async (id) => loadPlan(pool, id),
    apply: async (planId, options) => applyPlan(deps, planId, options),
    start: async (name, input, options) => startRun(deps, registry.latest(name), input, options),
    wait: async (runId, { timeoutMs, signal }) => {
      const limit = AbortSignal.timeout(Math.max(0, Math.round(timeoutMs)));
      const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
      try {
        const { outcome } = await outcomeWhenEnded(deps, runId, either);
        await whenShown(deps, runId);
        return outcome;
      } catch (error) {
        if (limit.aborted) return "unfinished";
        throw error;
      }
    },
    signal: async (runId, name, value, { by }) => sendSignal(deps, runId, { name, value, by }),
    approve: async (runId, answer, { by }) => sendApproval(deps, runId, { ...answer, by }),
    cancel: async (runId, { by, reason }) => requestCancel(deps, runId, { by, reason: reason ?? null }),
    retryFrom: async (runId, from, { by, lockWaitMs }) => retryRun(deps, runId, { by, from, lockWaitMs }),
    list: async (filter) => listRuns(pool, filter),
    get: async (runId) => getRun(pool, runId),
    events: async (runId, after) => readEvents(pool, runId, after),
    onStored: parts.onStored,
    onEvent: (listener) => {
      parts.listeners.add(listener);
      return () => void parts.listeners.delete(listener);
    },
    locks: async () => readLocks(pool),
    schedules: createSchedules(scheduling),
    rebuild: async () => rebuildProjection(deps),
    stop: async ({ drainMs = 0 } = {}) => stop(deps, parts, { house, drainMs }),
  };
}

const DRAIN_POLL_MS = 20;

async function stop(
  deps: EngineDeps,
  parts: FaceParts,
  { house, drainMs }: { readonly house: { stop(): Promise<void> }; readonly drainMs: number },
): Promise<void> {
  await house.stop();
  const until = deps.clock.monotonicMs() + drainMs;
  while (deps.executions.size > 0 && deps.clock.monotonicMs() < until && !deps.halt.aborted) {
    await deps.clock.sleep(DRAIN_POLL_MS);
  }
  // Whatever was stored by now is told; what ends later belongs to another executor.
  await deps.projector.close();
  parts.halt.abort(new Error("The engine was stopped."));
  await parts.close();
}
