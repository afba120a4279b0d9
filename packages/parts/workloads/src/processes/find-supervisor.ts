// Who looks after a state folder now.
import { livingHolders } from "./claim.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { supervisorLock } from "./state-files.ts";

/** The living supervisor of a state folder, or undefined. */
export function findSupervisor(stateDir: string): ProcessIdentity | undefined {
  return livingHolders(supervisorLock(stateDir))[0];
}
