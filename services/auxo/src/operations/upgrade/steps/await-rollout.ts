// Waits for the verdict on deployments of ours: each by its own id, all with one look.
import type { StepContext } from "@tidegate/engine";
import { describeError, type Clock } from "@tidegate/kernel";
import { hasCompleted } from "@tidegate/workloads";
import type { Scene } from "../observe.ts";

export interface Awaited {
  readonly service: string;
  /** Null: completed. */
  readonly problem: string | null;
}

/**
 * Gives the verdict on each; a service that fails does not end the wait for the others. What another deployment took the place of has failed: stable is
 * not the same as ours. On ECS a look is one call for ten services, and two more for each that is on the move.
 */
export async function awaitRollout(
  { platform }: Pick<Scene, "platform">,
  deployments: Readonly<Record<string, string>>,
  { step, clock, limitMs }: { readonly step: StepContext; readonly clock: Clock; readonly limitMs: number },
): Promise<{ readonly at: Date; readonly verdicts: readonly Awaited[] }> {
  const verdicts = new Map<string, string | null>();
  const open = (): readonly string[] => Object.keys(deployments).filter((service) => !verdicts.has(service));
  const untilMs = clock.monotonicMs() + limitMs;
  for (;;) {
    const statuses = await platform.workloads.describeAll(open(), { instances: "when-needed" });
    const waits: string[] = [];
    for (const service of open()) {
      const status = statuses.get(service);
      const verdict = status === undefined ? OPEN : verdictOn(() => hasCompleted(status, deployments[service] ?? ""));
      if (verdict !== OPEN) verdicts.set(service, verdict);
      else
        waits.push(
          `${service}: ${status?.runningCount ?? 0} of ${status?.desiredCount ?? 0} run, ${status?.pendingCount ?? 0} pending`,
        );
    }
    const total = Object.keys(deployments).length;
    step.progress({ done: verdicts.size, total, unit: "services", message: waits.join("; ") });
    if (waits.length === 0) break;
    if (clock.monotonicMs() >= untilMs) {
      for (const service of open()) {
        const last = waits.find((one) => one.startsWith(`${service}:`)) ?? service;
        verdicts.set(service, `not stable after ${Math.round(limitMs / 1_000)} s (${last})`);
      }
      break;
    }
    await clock.sleep(platform.pollMs, step.signal);
  }
  const list = Object.keys(deployments).map((service) => ({ service, problem: verdicts.get(service) ?? null }));
  return { at: clock.now(), verdicts: list };
}

/** No verdict yet. */
const OPEN = Symbol("open");

function verdictOn(judge: () => boolean): string | null | typeof OPEN {
  try {
    return judge() ? null : OPEN;
  } catch (error) {
    return describeError(error);
  }
}
