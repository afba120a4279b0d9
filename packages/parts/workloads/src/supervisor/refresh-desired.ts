// What should be, read again when the file was replaced: a look at its inode and time is cheap enough for every round.
import { statSync } from "node:fs";
import { StateUnreadable } from "../errors.ts";
import { desiredFile, readDesired } from "../processes/state-files.ts";
import type { SupervisorDeps } from "./deps.ts";
import type { ServiceRuntime } from "./slot.ts";

/** Reads desired.json if it changed. Throws when it cannot be read; then the last one stays in force. */
export function refreshDesired(deps: SupervisorDeps, service: ServiceRuntime): void {
  const file = desiredFile(deps.stateDir, service.name);
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  const stamp = stat === undefined ? "" : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
  if (stat === undefined) throw new StateUnreadable({ file, problem: "it was removed" });
  if (stamp === service.desiredStamp) return;
  const desired = readDesired(deps.stateDir, service.name);
  if (desired !== undefined) service.desired = desired;
  service.desiredStamp = stamp;
}
