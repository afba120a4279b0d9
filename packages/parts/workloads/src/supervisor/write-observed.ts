// Recording what is, when it changed.
import { observedFile, type Observed } from "../processes/state-files.ts";
import { writeAtomically } from "../processes/write-atomically.ts";
import type { SupervisorDeps } from "./deps.ts";
import { observeSlot, type ServiceRuntime } from "./slot.ts";

/** Writes observed.json if it would change. Not flushed to the disk: after a loss of power no process is left to record. */
export function writeObserved(deps: SupervisorDeps, service: ServiceRuntime): void {
  if (service.desired === undefined) return;
  const nowMs = deps.clock.monotonicMs();
  const slots = [...service.slots.values()].sort((a, b) => a.index - b.index);
  const observed: Observed = {
    version: 1,
    service: service.name,
    revision: service.desired.revision,
    deployments: service.deployments,
    instances: slots.map((slot) => observeSlot(slot, nowMs)),
  };
  const text = `${JSON.stringify(observed, undefined, 2)}\n`;
  if (text === service.observedText) return;
  writeAtomically(observedFile(deps.stateDir, service.name), text, { toDisk: false });
  service.observedText = text;
}
