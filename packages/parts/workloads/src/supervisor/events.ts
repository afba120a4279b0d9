// What a supervisor tells its host while it works; the host decides what is printed, logged or counted.
import type { InstanceExit } from "../port.ts";

interface AboutInstance {
  readonly service: string;
  readonly index: number;
  readonly release: string;
}

interface AboutDeployment {
  readonly service: string;
  readonly deploymentId: string;
  readonly release: string;
}

/** Why an instance is being stopped. */
export type StopReason = "scaled-down" | "replaced" | "unhealthy" | "shutdown";

export type SupervisorEvent =
  | { readonly code: "supervisor.started"; readonly pid: number; readonly adopted: number }
  | { readonly code: "supervisor.stopping" }
  | { readonly code: "supervisor.stopped" }
  | (AboutInstance & { readonly code: "instance.started"; readonly pid: number; readonly restarts: number })
  | (AboutInstance & { readonly code: "instance.adopted"; readonly pid: number })
  | (AboutInstance & { readonly code: "instance.healthy"; readonly afterMs: number })
  | (AboutInstance & { readonly code: "instance.unhealthy"; readonly reason: string })
  | (AboutInstance & { readonly code: "instance.stopping"; readonly reason: StopReason; readonly limitMs: number })
  /** The drain limit passed, or the instance's main process ended and left others behind. */
  | (AboutInstance & { readonly code: "instance.killed"; readonly reason: string })
  | (AboutInstance & { readonly code: "instance.stopped"; readonly reason: StopReason; readonly exit: InstanceExit })
  /** It ended without being asked to. */
  | (AboutInstance & { readonly code: "instance.exited"; readonly exit: InstanceExit })
  | (AboutInstance & {
      readonly code: "instance.backing-off";
      readonly reason: string;
      readonly failures: number;
      readonly waitMs: number;
    })
  /** A process with our mark that no record accounts for is stopped before its place is filled. */
  | { readonly code: "stray.stopping"; readonly service: string; readonly index: number; readonly pid: number }
  | (AboutDeployment & { readonly code: "deployment.started"; readonly desiredCount: number })
  | (AboutDeployment & { readonly code: "deployment.completed" })
  | (AboutDeployment & { readonly code: "deployment.failed"; readonly reason: string })
  | { readonly code: "log.rotated"; readonly service: string; readonly index: number; readonly bytes: number }
  /** A service could not be looked after in this round (state unreadable, disk full); it is tried again in the next. */
  | { readonly code: "service.troubled"; readonly service: string; readonly error: unknown };
