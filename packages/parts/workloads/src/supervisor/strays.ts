// Processes with our mark that no record accounts for, left by a supervisor or a main process that was killed.
// They are asked to end, then killed; until they are gone their service starts nothing, so that nothing runs twice.
import type { MarkedProcess } from "../processes/marked-processes.ts";
import { isAlive, signalProcess } from "../processes/process-identity.ts";
import type { SupervisorDeps } from "./deps.ts";

const STRAY_LIMIT_MS = 10_000;

export interface Strays {
  /** Moves their ends on; call it every round. */
  clear(): void;
  /** Those that still live, of one service or of all. */
  living(service?: string): readonly MarkedProcess[];
}

export function createStrays(deps: SupervisorDeps, found: readonly MarkedProcess[]): Strays {
  let left = found;
  const deadlineMs = deps.clock.monotonicMs() + STRAY_LIMIT_MS;
  for (const stray of found) {
    const { service, index, identity } = stray;
    deps.emit({ code: "stray.stopping", service, index, pid: identity.pid });
    signalProcess(identity, "SIGTERM");
  }
  return {
    clear: () => {
      left = left.filter((stray) => isAlive(stray.identity));
      if (deps.clock.monotonicMs() < deadlineMs) return;
      for (const stray of left) signalProcess(stray.identity, "SIGKILL");
    },
    living: (service) => (service === undefined ? left : left.filter((stray) => stray.service === service)),
  };
}
