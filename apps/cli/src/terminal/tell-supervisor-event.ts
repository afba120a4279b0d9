// What the person who watches `tidegate up` is told of the supervisor's doings: each change of state, one line.
import { describeError } from "@tidegate/kernel";
import type { SupervisorEvent } from "@tidegate/workloads";
import type { Terminal } from "./terminal.ts";

export function tellSupervisorEvent(terminal: Terminal, event: SupervisorEvent): void {
  const line = supervisorEventLine(event);
  if (line !== undefined) terminal.talk(`${terminal.style("dim", new Date().toISOString().slice(11, 19))} ${line}`);
}

/** Undefined for events that need nobody's attention. */
function supervisorEventLine(event: SupervisorEvent): string | undefined {
  switch (event.code) {
    case "instance.started":
      return `${event.service} started (pid ${event.pid}${event.restarts === 0 ? "" : `, restart ${event.restarts}`})`;
    case "instance.adopted":
      return `${event.service} was still running (pid ${event.pid}); adopted`;
    case "instance.healthy":
      return `${event.service} is healthy after ${(event.afterMs / 1_000).toFixed(1)} s`;
    case "instance.unhealthy":
      return `${event.service} is unhealthy: ${event.reason}`;
    case "instance.killed":
      return `${event.service} was killed: ${event.reason}`;
    case "instance.stopped":
      return `${event.service} stopped`;
    case "instance.exited":
      return `${event.service} ended by itself (${event.exit.signal ?? `exit ${event.exit.code ?? "unknown"}`})`;
    case "instance.backing-off":
      return `${event.service} starts again in ${(event.waitMs / 1_000).toFixed(1)} s: ${event.reason}`;
    case "stray.stopping":
      return `${event.service}: stopping a stray process (pid ${event.pid})`;
    case "deployment.failed":
      return `${event.service} does not come up: ${event.reason}`;
    case "service.troubled":
      return `${event.service} could not be looked after: ${describeError(event.error)}`;
    case "supervisor.started":
    case "supervisor.stopping":
    case "supervisor.stopped":
    case "instance.stopping":
    case "deployment.started":
    case "deployment.completed":
    case "log.rotated":
      return undefined;
    default:
      return event satisfies never;
  }
}
