// From started to healthy, and from healthy to replaced, by what the health checks say.
import type { SupervisorDeps } from "./deps.ts";
import { about, stopInstance } from "./end-instance.ts";
import { probeHealth } from "./probe-health.ts";
import type { Probe, ServiceRuntime, Slot } from "./slot.ts";

/** While an instance starts it is checked more often than `everyMs`, so that whoever waits for it waits no longer than needed. */
const STARTING_EVERY_MS = 200;

/** Moves a live instance on, and begins a check when one is due. */
export function checkHealth(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot): void {
  if (slot.phase !== "starting" && slot.phase !== "running") return;
  const nowMs = deps.clock.monotonicMs();
  if (slot.care.health !== undefined) beginProbeIfDue(deps, slot, slot.care.health);
  const verdict = judge(deps, slot, nowMs);
  if (verdict === "healthy" && slot.phase === "starting") {
    slot.phase = "running";
    delete slot.reason;
    deps.emit({ code: "instance.healthy", ...about(service, slot), afterMs: Math.round(nowMs - slot.startedMs) });
  }
  if (verdict === "healthy") {
    slot.healthySinceMs ??= nowMs;
    if (nowMs - slot.healthySinceMs >= deps.timing.backoffResetMs) slot.failures = 0;
  } else delete slot.healthySinceMs;
  if (typeof verdict === "object") {
    slot.reason = verdict.reason;
    deps.emit({ code: "instance.unhealthy", ...about(service, slot), reason: verdict.reason });
    stopInstance(deps, service, slot, "unhealthy");
  }
}

type HealthCheck = NonNullable<Slot["care"]["health"]>;

type Verdict = "healthy" | "undecided" | { readonly reason: string };

function judge(deps: SupervisorDeps, slot: Slot, nowMs: number): Verdict {
  const { health } = slot.care;
  const { probe } = slot;
  if (slot.phase === "running") {
    if (health === undefined || probe.failures === 0) return "healthy";
    if (probe.failures < health.failuresToUnhealthy) return "undecided";
    return { reason: `instance ${slot.index} failed ${probe.failures} health checks: ${probe.lastFailure ?? ""}` };
  }
  const aliveMs = nowMs - slot.startedMs;
  if (health === undefined) return aliveMs >= deps.timing.aliveIsHealthyMs ? "healthy" : "undecided";
  if (probe.hasPassed) return "healthy";
  if (aliveMs < health.startLimitMs) return "undecided";
  return {
    reason: `instance ${slot.index} was not healthy within ${health.startLimitMs} ms: ${probe.lastFailure ?? ""}`,
  };
}

function beginProbeIfDue(deps: SupervisorDeps, slot: Slot, health: HealthCheck): void {
  const { probe } = slot;
  if (probe.isUnderWay || deps.clock.monotonicMs() < probe.nextMs) return;
  probe.isUnderWay = true;
  // The result goes into this probe; if the slot runs something else by then, it has another one.
  void runProbe(deps, probe, health);
}

async function runProbe(deps: SupervisorDeps, probe: Probe, health: HealthCheck): Promise<void> {
  const result = await probeHealth(health.url, health.timeoutMs);
  const isNews = result.isHealthy !== (probe.hasPassed && probe.failures === 0);
  if (result.isHealthy) {
    probe.hasPassed = true;
    probe.failures = 0;
  } else {
    probe.failures++;
    probe.lastFailure = result.reason;
  }
  probe.isUnderWay = false;
  const everyMs = probe.hasPassed ? health.everyMs : Math.min(STARTING_EVERY_MS, health.everyMs);
  probe.nextMs = deps.clock.monotonicMs() + everyMs;
  if (isNews) deps.wake();
}
