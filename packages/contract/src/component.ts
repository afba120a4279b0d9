// One part or service of an installation, with its instances.
import * as z from "zod";

/**
 * - running: as many instances as wanted, all healthy
 * - starting: on the way there
 * - unhealthy: an instance runs but its health check fails
 * - restarting: an instance ended by itself and is started again after a wait
 * - failed: the newest deployment was given up
 * - stopping, stopped: no instance is wanted
 * - off: cannot run on this installation; `detail` says why and what would turn it on
 */
export const COMPONENT_STATES = [
  "running",
  "starting",
  "unhealthy",
  "restarting",
  "failed",
  "stopping",
  "stopped",
  "off",
] as const;
export const componentStateSchema = z.enum(COMPONENT_STATES);
export type ComponentState = z.infer<typeof componentStateSchema>;

/** Outside systems that an installation may run by itself; everything else that it runs is a service of ours. */
const PARTS: ReadonlySet<string> = new Set(["postgres", "chain", "redis", "kafka", "aws"]);

export function componentKind(name: string): "part" | "service" {
  return PARTS.has(name) ? "part" : "service";
}

export const instanceSchema = z.strictObject({
  index: z.int().nonnegative(),
  state: z.enum(["waiting", "starting", "running", "stopping", "backing-off", "exited"]),
  health: z.enum(["unknown", "healthy", "unhealthy"]),
  pid: z.int().positive().nullable(),
  address: z.string().nullable().describe("`host:port` where it serves."),
  restarts: z.int().nonnegative(),
});
export type ComponentInstance = z.infer<typeof instanceSchema>;

export const componentSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(["part", "service"]).describe("part: an outside system such as PostgreSQL; service: one of ours."),
  state: componentStateSchema,
  address: z.string().nullable().describe("Of the first instance that serves."),
  pid: z.int().positive().nullable().describe("Of the first living instance."),
  release: z.string().nullable(),
  desiredCount: z.int().nonnegative(),
  runningCount: z.int().nonnegative(),
  restarts: z.int().nonnegative().describe("Of all instances together."),
  detail: z.string().nullable().describe("Why it is not simply running, in a sentence."),
  instances: z.array(instanceSchema),
});
export type Component = z.infer<typeof componentSchema>;
