// What every piece of the supervisor gets.
import type { Clock } from "@tidegate/kernel";
import type { SupervisorEvent } from "./events.ts";
import type { Timing } from "./timing.ts";

export interface SupervisorDeps {
  readonly stateDir: string;
  /** The state folder's digest in the marks. */
  readonly digest: string;
  readonly baseEnv: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly logLimits: { readonly maxBytes: number; readonly keep: number };
  readonly emit: (event: SupervisorEvent) => void;
  /** Asks for a round at once. */
  readonly wake: () => void;
}
