// Stopping an installation that nobody looks after any more.
import { createSupervisor, type SupervisorOptions } from "./create-supervisor.ts";

/**
 * Drains every instance under `stateDir` in order, as a supervisor does when it stops. For when the supervisor was killed:
 * throws SupervisorRunning, which names the process to stop instead, when one lives. The desired state stays as it is.
 */
export async function stopAll(options: Omit<SupervisorOptions, "baseEnv">): Promise<void> {
  await createSupervisor(options).run({ signal: AbortSignal.abort() });
}
