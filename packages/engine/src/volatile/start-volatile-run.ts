// Starts runs in memory, with the same refusals as the durable engine.
import { randomBytes } from "node:crypto";
import type { StartOptions, Started } from "../control/engine.ts";
import { PlanUnknown } from "../errors/plan-errors.ts";
import { LockHeld, StartKeyReused } from "../errors/run-errors.ts";
import { consentOfStart } from "../flow/consent-of-start.ts";
import type { Consent, RunRequest } from "../flow/run-request.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import { assertConfirmed } from "../plan/assert-confirmed.ts";
import { digestOf } from "../plan/digest.ts";
import { assertHolds, makePlan, type MakePlanFacts } from "../plan/make-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { encode } from "../journal/codec.ts";
import type { VolatileDeps } from "./volatile-deps.ts";

export async function planInMemory(
  deps: VolatileDeps,
  name: string,
  facts: Pick<MakePlanFacts, "input" | "by" | "signal">,
): Promise<Plan> {
  const plan = await makePlan(deps.registry.latest(name), facts, deps.clock);
  encode(plan, { what: "The plan", secrets: deps.secrets });
  deps.memory.plans.set(plan.id, plan);
  return plan;
}

export async function applyInMemory(
  deps: VolatileDeps,
  planId: string,
  options: StartOptions,
  begin: (request: RunRequest) => void,
): Promise<Started> {
  const plan = deps.memory.plans.get(planId);
  if (plan === undefined) throw new PlanUnknown({ planId });
  const operation = deps.registry.latest(plan.operation);
  const earlier = findKey(deps, operation, plan.input, options);
  if (earlier !== undefined) return { runId: earlier, isNew: false };
  assertFree(deps, operation, { input: plan.input, options });
  const now = await makePlan(operation, observed(plan.input, options), deps.clock);
  assertHolds(operation, plan, now);
  return beginInMemory(deps, operation, plan, { options, consent: { to: "plan" }, begin });
}

export async function startInMemory(
  deps: VolatileDeps,
  name: string,
  input: unknown,
  options: StartOptions,
  begin: (request: RunRequest) => void,
): Promise<Started> {
  const operation = deps.registry.latest(name);
  validateInput(operation, input);
  const earlier = findKey(deps, operation, input, options);
  if (earlier !== undefined) return { runId: earlier, isNew: false };
  assertFree(deps, operation, { input, options });
  const plan = await planInMemory(deps, name, observed(input, options));
  return beginInMemory(deps, operation, plan, { options, consent: consentOfStart(options), begin });
}

function observed(input: unknown, { by, signal }: StartOptions): MakePlanFacts {
  return { input, by, ...(signal === undefined ? {} : { signal }) };
}

function findKey(
  deps: VolatileDeps,
  operation: AnyOperation,
  input: unknown,
  options: StartOptions,
): string | undefined {
  const { key, keyScope = "forever" } = options;
  if (key === undefined) return undefined;
  const { requestId } = options;
  const own = requestId === undefined ? undefined : deps.memory.keys.get(`${operation.name} request:${requestId}`);
  if (own !== undefined) return own.runId;
  const found = deps.memory.keys.get(`${operation.name} ${key}`);
  if (found === undefined) return undefined;
  const isOver = deps.memory.runs.get(found.runId)?.ending !== undefined;
  if (keyScope === "unfinished" && isOver) return undefined;
  if (found.inputDigest !== digestOf(input))
    throw new StartKeyReused({ operation: operation.name, key, runId: found.runId });
  return found.runId;
}

function beginInMemory(
  deps: VolatileDeps,
  operation: AnyOperation,
  plan: Plan,
  how: {
    readonly options: StartOptions;
    readonly consent: Consent;
    readonly begin: (request: RunRequest) => void;
  },
): Started {
  const { options, consent, begin } = how;
  assertConfirmed(plan.draft, options.confirm);
  const earlier = findKey(deps, operation, plan.input, options);
  if (earlier !== undefined) return { runId: earlier, isNew: false };
  const lock = operation.lock(validateInput(operation, plan.input)) ?? null;
  const runId = `${operation.name}-volatile-${randomBytes(4).toString("hex")}`;
  const keys = [options.key, ...(options.requestId === undefined ? [] : [`request:${options.requestId}`])];
  for (const key of keys) {
    if (key !== undefined)
      deps.memory.keys.set(`${operation.name} ${key}`, { runId, inputDigest: digestOf(plan.input) });
  }
  begin({
    runId,
    operation: operation.name,
    version: operation.version,
    title: operation.title,
    input: plan.input,
    by: options.by,
    reason: options.reason ?? null,
    key: options.key ?? null,
    lock,
    lockWaitMs: options.lockWaitMs ?? 0,
    planId: plan.id,
    consent,
    parentId: null,
    ancestors: [],
    createdAt: deps.clock.now(),
  });
  return { runId, isNew: true };
}

/** Before anything is observed; the run itself takes the lock. */
function assertFree(
  deps: VolatileDeps,
  operation: AnyOperation,
  { input, options }: { readonly input: unknown; readonly options: StartOptions },
): void {
  const name = operation.lock(validateInput(operation, input));
  const held = name === undefined ? undefined : deps.memory.locks.get(name);
  if (held !== undefined && (options.lockWaitMs ?? 0) === 0)
    throw new LockHeld({ lock: held, now: deps.clock.now(), waitedMs: 0 });
}
