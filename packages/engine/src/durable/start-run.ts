// Plan, apply, start: from a wish to a run, or to the reason why there is none.
import { randomBytes } from "node:crypto";
import type { StartOptions, Started } from "../control/engine.ts";
import { claimStartKey, findStartKey, type StartKey } from "../control/claim-start-key.ts";
import { LockHeld } from "../errors/run-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import { assertConfirmed } from "../plan/assert-confirmed.ts";
import { digestOf } from "../plan/digest.ts";
import { assertHolds, makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { loadPlan, storePlan } from "../plan/store-plan.ts";
import { beginRun } from "./begin-run.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { freeLocks, readLock } from "./locks.ts";
import { encode } from "../journal/codec.ts";
import { consentOfStart } from "../flow/consent-of-start.ts";
import type { Consent, RunRequest } from "../flow/run-request.ts";

export async function planRun(
  deps: EngineDeps,
  operation: AnyOperation,
  facts: { readonly input: unknown; readonly by: string; readonly signal?: AbortSignal },
): Promise<Plan> {
  const plan = await makePlan(operation, facts, deps.clock);
  await storePlan(deps.pool, plan, deps.secrets);
  return plan;
}

/** A key that was used before is answered before anything is observed. */
export async function startRun(
  deps: EngineDeps,
  operation: AnyOperation,
  input: unknown,
  { signal, ...options }: StartOptions,
): Promise<Started> {
  validateInput(operation, input);
  const key = startKey(deps, operation, { input, options });
  const earlier = key === undefined ? undefined : await findStartKey(deps.pool, key);
  if (earlier !== undefined) return { runId: earlier, isNew: false };
  await assertFree(deps, operation, { input, options });
  const plan = await planRun(deps, operation, {
    input,
    by: options.by,
    ...(signal === undefined ? {} : { signal }),
  });
  return begin(deps, operation, plan, { options, consent: consentOfStart(options) });
}

export async function applyPlan(deps: EngineDeps, planId: string, options: StartOptions): Promise<Started> {
  const plan = await loadPlan(deps.pool, planId);
  const operation = deps.registry.latest(plan.operation);
  const key = startKey(deps, operation, { input: plan.input, options });
  const earlier = key === undefined ? undefined : await findStartKey(deps.pool, key);
  if (earlier !== undefined) return { runId: earlier, isNew: false };
  await assertFree(deps, operation, { input: plan.input, options });
  const { by, signal } = options;
  const now = await makePlan(operation, { input: plan.input, by, ...(signal && { signal }) }, deps.clock);
  assertHolds(operation, plan, now);
  return begin(deps, operation, plan, { options, consent: { to: "plan" } });
}

function startKey(
  { secrets }: Pick<EngineDeps, "secrets">,
  operation: AnyOperation,
  { input, options }: { readonly input: unknown; readonly options: StartOptions },
): StartKey | undefined {
  // Before anything of it is kept: a secret is no key and no reason either.
  const { reason, requestId } = options;
  encode({ key: options.key, reason, requestId }, { what: `The start of ${operation.name}`, secrets });
  if (options.key === undefined) return undefined;
  const scope = options.keyScope ?? "forever";
  return {
    operation: operation.name,
    key: options.key,
    scope,
    inputDigest: digestOf(input),
    requestId: options.requestId,
  };
}

async function begin(
  deps: EngineDeps,
  operation: AnyOperation,
  plan: Plan,
  { options, consent }: { readonly options: StartOptions; readonly consent: Consent },
): Promise<Started> {
  assertConfirmed(plan.draft, options.confirm);
  const lock = operation.lock(validateInput(operation, plan.input)) ?? null;
  const lockWaitMs = options.lockWaitMs ?? 0;
  const key = startKey(deps, operation, { input: plan.input, options });
  const newId = newRunId(operation, deps.clock.now());
  const runId = key === undefined ? newId : await claimStartKey(deps.pool, key, newId);
  const request: RunRequest = {
    runId,
    operation: operation.name,
    version: operation.version,
    title: operation.title,
    input: plan.input,
    by: options.by,
    reason: options.reason ?? null,
    key: options.key ?? null,
    lock,
    lockWaitMs,
    planId: plan.id,
    consent,
    parentId: null,
    ancestors: [],
    createdAt: deps.clock.now(),
  };
  await beginRun(deps, request);
  return { runId, isNew: runId === newId };
}

/** The run itself takes the lock; this tells the caller at once, before anything is observed. */
async function assertFree(
  deps: EngineDeps,
  operation: AnyOperation,
  { input, options }: { readonly input: unknown; readonly options: StartOptions },
): Promise<void> {
  const name = operation.lock(validateInput(operation, input));
  if (name === undefined || (options.lockWaitMs ?? 0) > 0) return;
  await freeLocks(deps.pool);
  const lock = await readLock(deps.pool, name);
  if (lock !== undefined) throw new LockHeld({ lock, now: deps.clock.now(), waitedMs: 0 });
}

/** Sorts by time, names the operation, can be read aloud: `upgrade-20261124-093001-7f3a2c`. */
function newRunId(operation: AnyOperation, now: Date): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return `${operation.name}-${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${randomBytes(3).toString("hex")}`;
}
