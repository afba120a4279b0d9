// What other executors say over PostgreSQL: that something was stored, that a run is to be cancelled.
import type { EngineDeps } from "./engine-deps.ts";
import type { Execution } from "../flow/execution.ts";
import { readCancels } from "./request-cancel.ts";

export interface Notifications {
  readonly take: (payload: string) => void;
  readonly onStored: (runId: string, listener: () => void) => () => void;
  readonly stored: (runId: string, limitMs: number) => Promise<void>;
}

export function createNotifications(
  executions: ReadonlyMap<string, Execution>,
  deps: Promise<EngineDeps>,
): Notifications {
  const listeners = new Map<string, Set<() => void>>();
  const onStored: Notifications["onStored"] = (runId, listener) => {
    const ofRun = listeners.get(runId) ?? new Set();
    listeners.set(runId, ofRun.add(listener));
    return () => {
      ofRun.delete(listener);
      if (ofRun.size === 0) listeners.delete(runId);
    };
  };
  return {
    onStored,
    take: (payload) => {
      const colon = payload.indexOf(":");
      const [what, runId] = [payload.slice(0, colon), payload.slice(colon + 1)];
      if (what === "stored") for (const listener of listeners.get(runId) ?? []) listener();
      // The next round of housekeeping reads it anyway.
      if (what === "cancel" && executions.has(runId)) deps.then(readCancels).catch(() => undefined);
    },
    stored: async (runId, limitMs) =>
      new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          off();
          resolve();
        };
        const timer = setTimeout(end, limitMs);
        const off = onStored(runId, end);
      }),
  };
}
