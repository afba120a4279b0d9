// The one process that starts and stops instances. It may be killed at any moment: they live on, and the next one adopts them.
import { existsSync, mkdirSync } from "node:fs";
import { PartIsOff, systemClock, TimedOut } from "@tidegate/kernel";
import type { Clock } from "@tidegate/kernel";
import { SupervisorRunning } from "../errors.ts";
import { claimFolder } from "../processes/claim.ts";
import { MARK_NAME, stateDirDigest } from "../processes/marked-processes.ts";
import { supervisorLock } from "../processes/state-files.ts";
import { createAlarm, type Alarm } from "./alarm.ts";
import type { SupervisorDeps } from "./deps.ts";
import type { SupervisorEvent } from "./events.ts";
import { adoptInstallation, killEverything, livingParts, roundOver, type Installation } from "./installation.ts";
import { DEFAULT_TIMING, type Timing } from "./timing.ts";
import { watchForUpdates } from "./watch-for-updates.ts";

export interface SupervisorOptions {
  readonly stateDir: string;
  /** Told everything that happens; must not throw. Default: nobody is told. */
  readonly onEvent?: (event: SupervisorEvent) => void;
  /** The environment that every instance gets, under what its release adds. Default: this process's own. */
  readonly baseEnv?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly timing?: Partial<Timing>;
  /** Default: rotated at 10 MiB, three older files kept. */
  readonly logLimits?: { readonly maxBytes: number; readonly keep: number };
}

export interface Supervisor {
  /**
   * Adopts what lives and looks after it until stopped, by `stop` or by the signal; then everything is drained, in the
   * reverse of the order of starting. Throws SupervisorRunning when another one lives, and TimedOut when something would not end.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Begins (or joins) the stop and resolves when everything has ended; the desired state stays as it is. */
  stop(): Promise<void>;
}

const DEFAULT_LOG_LIMITS = { maxBytes: 10 * 1024 * 1024, keep: 3 };
/** Two supervisors started together may both withdraw; this long they try again. */
const CLAIM_LIMIT_MS = 300;
/** After everything was killed, how long until that is an error. */
const KILL_LIMIT_MS = 10_000;
const DRAIN_ROUND_MS = 50;

/** A supervisor for the services under `stateDir`. Nothing happens before `run`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    try {
      await running;
    } catch (error) {
      // A supervisor that was refused has nothing to stop; `run` has said so.
      if (!(error instanceof SupervisorRunning)) throw error;
    }
  };
  return {
    run: async ({ signal } = {}) => {
      const begin = (): void => stopping.abort();
      if (signal?.aborted === true) begin();
      signal?.addEventListener("abort", begin, { once: true });
      try {
        await (running ??= supervise(options, stopping.signal));
      } finally {
        signal?.removeEventListener("abort", begin);
      }
    },
    stop,
  };
}

async function supervise(options: SupervisorOptions, stopping: AbortSignal): Promise<void> {
  if (!existsSync("/proc/self/stat"))
    throw new PartIsOff({
      part: "workloads (processes)",
      reason: "this system has no /proc, by which processes are told apart",
      remedy: "Run it on Linux.",
    });
  const clock = options.clock ?? systemClock;
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(supervisorLock(options.stateDir), { limitMs: CLAIM_LIMIT_MS, clock });
  if (!claim.isHeld) throw new SupervisorRunning({ stateDir: options.stateDir, pid: claim.holder.pid });
  const alarm = createAlarm(clock);
  const { ring } = alarm;
  stopping.addEventListener("abort", ring);
  try {
    const deps = createDeps(options, clock, ring);
    const installation = adoptInstallation(deps);
    await reconcileUntil(stopping, installation, alarm);
    deps.emit({ code: "supervisor.stopping" });
    await drain(installation, alarm);
    deps.emit({ code: "supervisor.stopped" });
  } finally {
    stopping.removeEventListener("abort", ring);
    claim.release();
  }
}

async function reconcileUntil(stopping: AbortSignal, installation: Installation, alarm: Alarm): Promise<void> {
  const { deps, services } = installation;
  const updates = watchForUpdates(deps.stateDir, alarm.ring);
  try {
    while (!stopping.aborted) {
      roundOver(installation, false);
      updates.extend(services.keys());
      await alarm.sleep(deps.timing.roundMs);
    }
  } finally {
    updates.close();
  }
}

async function drain(installation: Installation, alarm: Alarm): Promise<void> {
  const { clock, timing } = installation.deps;
  const startMs = clock.monotonicMs();
  for (;;) {
    roundOver(installation, true);
    const living = livingParts(installation);
    if (living.length === 0) return;
    const tookMs = clock.monotonicMs() - startMs;
    if (tookMs >= timing.stopLimitMs + KILL_LIMIT_MS)
      throw new TimedOut({
        what: `The end of ${living.join(", ")}`,
        limitMs: timing.stopLimitMs + KILL_LIMIT_MS,
        remedy: "They were killed and are still there: look at what the kernel holds them for (state D in `ps`).",
      });
    if (tookMs >= timing.stopLimitMs) killEverything(installation);
    await alarm.sleep(Math.min(timing.roundMs, DRAIN_ROUND_MS));
  }
}

function createDeps(options: SupervisorOptions, clock: Clock, wake: () => void): SupervisorDeps {
  // A mark inherited from an instance that started us is not one of our instances'.
  const { [MARK_NAME]: _, ...baseEnv } = options.baseEnv ?? process.env;
  return {
    stateDir: options.stateDir,
    digest: stateDirDigest(options.stateDir),
    baseEnv,
    clock,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    logLimits: options.logLimits ?? DEFAULT_LOG_LIMITS,
    emit: options.onEvent ?? (() => undefined),
    wake,
  };
}
