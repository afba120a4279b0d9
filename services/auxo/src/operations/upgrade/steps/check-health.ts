// The health gate: asks the fleet's checks until all of them hold.
import type { StepContext } from "@tidegate/engine";
import { describeError, type Clock } from "@tidegate/kernel";
import { HealthCheckFailed } from "../../../errors.ts";
import type { HealthCheck } from "../../../fleet/fleet-schema.ts";
import { readMetric } from "../../../health/read-metric.ts";
import type { Scene } from "../observe.ts";

const ANSWER_MS = 5_000;

/** Throws HealthCheckFailed with what did not hold when the limit was over. */
export async function checkHealth(
  { fleet, platform }: Scene,
  { step, clock }: { readonly step: StepContext; readonly clock: Clock },
): Promise<{ readonly passed: number }> {
  const { checks, limits } = fleet;
  const untilMs = clock.monotonicMs() + limits.gateMs;
  for (;;) {
    const answers = await Promise.all(checks.map(async (check) => problemOf(check, step.signal)));
    const problems = answers.filter((one) => one !== undefined);
    step.progress({
      done: checks.length - problems.length,
      total: checks.length,
      unit: "checks",
      message: problems.join("; "),
    });
    if (problems.length === 0) return { passed: checks.length };
    if (clock.monotonicMs() >= untilMs) throw new HealthCheckFailed({ problems, limitMs: limits.gateMs });
    await clock.sleep(platform.pollMs, step.signal);
  }
}

async function problemOf(check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(check.url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    const text = await response.text();
    if (response.status !== check.status) return `${check.url} answered ${response.status}, not ${check.status}`;
    return check.metric === undefined ? undefined : metricProblem(check, check.metric, text);
  } catch (error) {
    signal.throwIfAborted();
    return `${check.url} did not answer (${describeError(error)})`;
  }
}

function metricProblem({ url, above, below }: HealthCheck, metric: string, text: string): string | undefined {
  const value = readMetric(text, metric);
  if (value === undefined) return `${url} has no ${metric}`;
  if (above !== undefined && !(value > above)) return `${metric} is ${value}, not above ${above}`;
  if (below !== undefined && !(value < below)) return `${metric} is ${value}, not below ${below}`;
  return undefined;
}
