// Without a sight of tasks: for how long a task that ECS no longer counts must be taken to be alive.
import type { Service, TaskDefinition } from "@aws-sdk/client-ecs";
import type { EcsDeps } from "./ecs-deps.ts";

/** ECS's default between the stop signal and the kill. */
const STOP_TIMEOUT_S = 30;
/** From the kill to ECS's record, and back to us. */
const MARGIN_MS = 5_000;

/** How long after its counts fell a task of these definitions may still have a process. */
export function stopLimitMs(deps: EcsDeps, service: Service, definitions: readonly TaskDefinition[]): number {
  const longest = Math.max(STOP_TIMEOUT_S, ...definitions.map(stopSeconds));
  const isBalanced = (service.loadBalancers ?? []).length > 0;
  return longest * 1_000 + MARGIN_MS + (isBalanced ? deps.deregistrationDelayMs : 0);
}

/** Containers that depend on each other are stopped one after the other, others together. */
function stopSeconds({ containerDefinitions = [] }: TaskDefinition): number {
  const each = containerDefinitions.map((one) => one.stopTimeout ?? STOP_TIMEOUT_S);
  const isChained = containerDefinitions.some((one) => (one.dependsOn ?? []).length > 0);
  return isChained ? each.reduce((sum, one) => sum + one, 0) : Math.max(0, ...each);
}

/**
 * How many tasks may still be stopping. The limit counts from the last change that this client saw; a client that finds a
 * service at zero, and did not see it get there, waits for it too.
 */
export function countLeaving(deps: EcsDeps, name: string, service: Service, limitMs: number): number {
  const running = service.runningCount ?? 0;
  const key = `${service.desiredCount ?? 0} ${running} ${service.pendingCount ?? 0}`;
  const nowMs = deps.clock.monotonicMs();
  const before = deps.memory.counts.get(name);
  if (before?.key === key) return nowMs - before.sinceMs < limitMs ? before.leaving : 0;
  const unknown = running === 0 && (service.desiredCount ?? 0) === 0 ? 1 : 0;
  const stillLeaving = before !== undefined && nowMs - before.sinceMs < limitMs ? before.leaving : 0;
  const leaving = before === undefined ? unknown : Math.max(0, before.running - running) + stillLeaving;
  deps.memory.counts.set(name, { running, key, sinceMs: nowMs, leaving });
  return leaving;
}
