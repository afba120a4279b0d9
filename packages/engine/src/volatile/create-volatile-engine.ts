// The engine in memory: the same operations and refusals, nothing survives the process. For handlers that have no database, and say so.
import { systemClock, type Clock, type Secret } from "@tidegate/kernel";
import type { Capability, Engine } from "../control/engine.ts";
import { NotSupported } from "../errors/executor-errors.ts";
import { PlanUnknown } from "../errors/plan-errors.ts";
import { NothingToApprove, RunEnded, RunUnknown, SignalRefused } from "../errors/run-errors.ts";
import type { EngineEvent, EventListener } from "../events/engine-event.ts";
import { scrubEvent } from "../events/scrub-event.ts";
import { outcomeOf } from "../flow/ending.ts";
import { encode } from "../journal/codec.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { createRegistry } from "../operation/registry.ts";
import { validateInput } from "../operation/validate-input.ts";
import { applyEvent, type EventExtras } from "../projection/apply-event.ts";
import { detailOf, summaryOf } from "../projection/read-runs.ts";
import * as z from "zod";
import { newMemory, type Memory, type MemoryRun } from "./memory.ts";
import { beginInMemory, retryInMemory } from "./run-in-memory.ts";
import { applyInMemory, planInMemory, startInMemory } from "./start-volatile-run.ts";
import type { VolatileDeps } from "./volatile-deps.ts";

export interface VolatileEngineOptions {
  readonly operations: readonly AnyOperation[];
  readonly secrets?: readonly Secret[];
  readonly onEvent?: EventListener;
  readonly clock?: Clock;
}

const CAPABILITIES: ReadonlySet<Capability> = new Set(["list", "signal", "cancel", "retry", "lock"]);

export function createVolatileEngine(options: VolatileEngineOptions): Engine {
  const memory = newMemory();
  const listeners = new Set<EventListener>(options.onEvent === undefined ? [] : [options.onEvent]);
  const halt = new AbortController();
  const deps: VolatileDeps = {
    registry: createRegistry(options.operations),
    clock: options.clock ?? systemClock,
    secrets: options.secrets ?? [],
    memory,
    halt: halt.signal,
    emit: (event, extras) => record(memory, listeners, scrubEvent(event, options.secrets ?? []), extras),
  };
  const begin = (request: MemoryRun["request"]): void => void beginInMemory(deps, request);
  return {
    capabilities: CAPABILITIES,
    operations: deps.registry.operations,
    plan: async (name, input, options) => planInMemory(deps, name, { input, ...options }),
    getPlan: async (planId) => {
      const plan = memory.plans.get(planId);
      if (plan === undefined) throw new PlanUnknown({ planId });
      return plan;
    },
    apply: async (planId, start) => applyInMemory(deps, planId, start, begin),
    start: async (name, input, start) => startInMemory(deps, name, input, start, begin),
    wait: async (runId, limits) => waitInMemory(runOf(memory, runId), limits),
    ...steering(deps),
    list: async (filter) => ({
      runs: [...memory.runs.values()]
        .toReversed()
        .map(({ rows }) => summaryOf(rows.run, new Map()))
        .filter(
          (run) => (filter.state ?? run.state) === run.state && (filter.operation ?? run.operation) === run.operation,
        )
        .slice(0, filter.limit ?? 50),
      next: null,
    }),
    get: async (runId) => detailOf(runOf(memory, runId).rows, new Map()),
    events: async (runId, after) =>
      runOf(memory, runId)
        .events.map(({ at, code, step, data }, index) => ({
          seq: BigInt(index + 1),
          runId,
          at,
          code,
          step,
          data: { ...data },
        }))
        .filter(({ seq }) => seq > after),
    onStored: (runId, listener) => {
      const ofRun = memory.stored.get(runId) ?? new Set();
      memory.stored.set(runId, ofRun.add(listener));
      return () => void ofRun.delete(listener);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    locks: async () => [...memory.locks.values()],
    schedules: noSchedules(),
    rebuild: async () => memory.runs.size,
    stop: async () => halt.abort(new Error("The engine was stopped.")),
  };
}

function record(memory: Memory, listeners: ReadonlySet<EventListener>, event: EngineEvent, extras: EventExtras): void {
  const run = memory.runs.get(event.runId ?? "");
  if (run !== undefined) {
    run.rows = applyEvent(run.rows, event, extras);
    run.events.push(event);
  }
  for (const listener of listeners) listener(event);
  for (const listener of memory.stored.get(event.runId ?? "") ?? []) listener();
}

function runOf(memory: Memory, runId: string): MemoryRun {
  const run = memory.runs.get(runId);
  if (run === undefined) throw new RunUnknown({ runId });
  return run;
}

async function waitInMemory(
  run: MemoryRun,
  { timeoutMs, signal }: Parameters<Engine["wait"]>[1],
): ReturnType<Engine["wait"]> {
  const limit = AbortSignal.timeout(Math.max(0, Math.round(timeoutMs)));
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const aborted = new Promise<"unfinished">((resolve, reject) => {
    either.addEventListener("abort", () => (limit.aborted ? resolve("unfinished") : reject(either.reason as Error)), {
      once: true,
    });
  });
  const ended = await Promise.race([run.ended.promise, aborted]);
  return ended === "unfinished" ? ended : outcomeOf(ended.end);
}

function steering(deps: VolatileDeps): Pick<Engine, "signal" | "approve" | "cancel" | "retryFrom"> {
  const unfinished = (runId: string, asked: string): MemoryRun => {
    const run = runOf(deps.memory, runId);
    if (run.ending !== undefined) throw new RunEnded({ runId, state: run.ending.end.state, asked });
    return run;
  };
  const send = (run: MemoryRun, topic: string, value: unknown, by: string): void => {
    encode(value, { what: "The signal", secrets: deps.secrets });
    const message = { at: deps.clock.now(), by, value };
    const waiting = run.waiting.get(topic);
    if (waiting !== undefined) waiting(message);
    else run.mailbox.set(topic, [...(run.mailbox.get(topic) ?? []), message]);
  };
  return {
    signal: async (runId, name, value, { by }) => {
      const run = unfinished(runId, "sent a signal");
      const asked = run.events.findLast((event) => event.code === "wait.started" && event.step === name);
      if (asked?.code === "wait.started" && asked.data.schema !== null)
        checkValue(runId, name, value, asked.data.schema);
      send(run, `signal:${name}`, value, by);
    },
    approve: async (runId, answer, { by }) => {
      const run = unfinished(runId, "approved");
      const waiting = [...run.rows.steps.values()]
        .filter((step) => step.kind === "approval" && step.state === "waiting")
        .map((step) => step.name);
      const name = answer.name ?? (waiting.length === 1 ? waiting[0] : undefined);
      if (name === undefined || !waiting.includes(name)) {
        throw new NothingToApprove({ runId, state: run.rows.run.state, waiting, name: answer.name });
      }
      send(run, `approval:${name}`, { approved: answer.approved, by, comment: answer.comment ?? null }, by);
    },
    cancel: async (runId, { by, reason }) =>
      unfinished(runId, "cancelled").execution?.requestCancel({ by, reason: reason ?? null }),
    retryFrom: async (runId, step, { by }) => retryInMemory(deps, runOf(deps.memory, runId), { by, from: step }),
  };
}

function checkValue(runId: string, signal: string, value: unknown, schema: unknown): void {
  try {
    // Made by z.toJSONSchema when the wait began.
    validateInput(
      { name: `signal "${signal}"`, input: z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]) },
      value,
    );
  } catch (error) {
    throw new SignalRefused({ runId, signal, problem: (error as Error).message });
  }
}

function noSchedules(): Engine["schedules"] {
  const refuse = async (): Promise<never> => {
    const remedy = "Set DATABASE_URL to a PostgreSQL ≥ 15, or use an operator (TIDEGATE_OPERATOR_URL).";
    throw new NotSupported({ engine: "volatile", capability: "keep schedules", remedy });
  };
  return { list: refuse, set: refuse, remove: refuse, pause: refuse, resume: refuse, runNow: refuse };
}
