// Instances that may not start yet are shown with what they wait for, rather than not at all.
import { planInstance } from "../processes/instance-plan.ts";
import type { Desired } from "../processes/state-files.ts";
import { createSlot, type ServiceRuntime } from "./slot.ts";

/** Gives every wanted instance that does not run a slot and the reason, unless a failure of its own is the better one. */
export function noteWaiting(service: ServiceRuntime, desired: Desired, reason: string): void {
  for (let index = 0; index < desired.desiredCount; index++) {
    const slot =
      service.slots.get(index) ??
      createSlot(desired, index, planInstance(desired.spec, desired.releaseDir, index).care);
    service.slots.set(index, slot);
    if (slot.phase === "idle" && slot.failures === 0) slot.reason = reason;
  }
}
