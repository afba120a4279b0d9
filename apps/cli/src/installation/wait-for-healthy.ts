// Waits until every service of the release is healthy, or one has given up in a way that waiting does not mend.
import { EXIT, TidegateError, TimedOut, systemClock, type ExitCode } from "@tidegate/kernel";
import type { InstanceStatus, Workloads, WorkloadStatus } from "@tidegate/workloads";

/** Longer than the longest start limit of any one service times its retries: a chain that replays a long journal. */
const LIMIT_MS = 300_000;
const LOOK_EVERY_MS = 200;

/** Exit codes by which a service says that starting it again will not help. */
const FINAL: readonly number[] = [EXIT.failed, EXIT.usage, EXIT.partDown, EXIT.notAllowed];

/** Throws ServiceRefused when a service ended with a final exit code, TimedOut after five minutes. Ends quietly when aborted. */
export async function waitForHealthy(
  workloads: Workloads,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const startedAt = systemClock.now();
  const start = systemClock.monotonicMs();
  while (!signal.aborted) {
    const all = await Promise.all(services.map(async (name) => workloads.describe(name)));
    for (const one of all) {
      const refused = one.instances.find((instance) => hasRefused(instance, startedAt));
      if (refused !== undefined) throw new ServiceRefused(one.service, refused);
    }
    const missing = all.filter((one) => !isHealthy(one));
    if (missing.length === 0) return;
    if (systemClock.monotonicMs() - start > LIMIT_MS) throw notHealthy(missing.map((one) => one.service));
    await systemClock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** As many instances as wanted run its newest release and are healthy. */
export function isHealthy(workload: WorkloadStatus): boolean {
  return (
    workload.desiredCount === 0 ||
    (workload.deployments[0]?.state === "completed" && workload.runningCount >= workload.desiredCount)
  );
}

/** An exit of an earlier `up` says nothing about this one. */
function hasRefused(instance: InstanceStatus, since: Date): boolean {
  const { lastExit, state } = instance;
  return (
    state !== "running" &&
    lastExit !== undefined &&
    FINAL.includes(lastExit.code ?? EXIT.ok) &&
    new Date(lastExit.at) >= since
  );
}

/** A service said why it does not start; its own words, code and exit are passed on. */
class ServiceRefused extends TidegateError {
  override readonly name = "ServiceRefused";
  constructor(service: string, instance: InstanceStatus) {
    const said = lastError(instance.lastLines ?? []);
    const exit = (instance.lastExit?.code ?? EXIT.failed) as ExitCode;
    super({
      code: said?.code ?? "up.service-refused",
      message: `The service "${service}" does not start. ${said?.message ?? `It ended with exit code ${exit}; its last lines: ${(instance.lastLines ?? []).slice(-5).join(" | ")}`}`,
      remedy: said?.remedy ?? `Read \`tidegate logs ${service}\`, mend what it says, then \`tidegate up\` again.`,
      details: { service },
      blame: "user",
      exit,
    });
  }
}

interface SaidError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** The newest log line that carries an error with code and remedy, as our services write it. */
function lastError(lines: readonly string[]): SaidError | undefined {
  for (const line of lines.toReversed()) {
    try {
      const said = JSON.parse(line) as Partial<SaidError> & { readonly error?: Partial<SaidError> };
      for (const one of [said.error, said]) {
        if (one?.code !== undefined && one.message !== undefined && one.remedy !== undefined) return one as SaidError;
      }
    } catch {
      // Not one of our lines: the runtime's own words, or a part's.
    }
  }
  return undefined;
}

function notHealthy(services: readonly string[]): TimedOut {
  return new TimedOut({
    what: `A healthy state of ${services.join(", ")}`,
    limitMs: LIMIT_MS,
    remedy: `Everything was stopped again. Read \`tidegate logs ${services[0] ?? "SERVICE"}\` for what it waits for.`,
  });
}
