// The form of releases/<tag>/release.json: which services a release has and how an instance of each is run.
import * as z from "zod";

/** Names of services and of releases become folder names, so they are kept plain. */
export const serviceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "small letters, digits and dashes, at most 63");
export const releaseTag = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,127}$/, "letters, digits, dots, dashes, underscores, at most 128");

const milliseconds = z.int().min(1).max(86_400_000);

const healthSpec = z
  .strictObject({
    path: z.string().startsWith("/").optional().describe("Path on the instance's own port; needs `port`."),
    url: z
      .string()
      .optional()
      .describe("Whole URL in place of `path`, or `tcp://host:port`; ${PORT} stands for the instance's port."),
    everyMs: milliseconds.default(5_000).describe("Time between two checks of a running instance. Default 5,000."),
    timeoutMs: milliseconds.default(2_000).describe("An answer later than this is a failure. Default 2,000."),
    startLimitMs: milliseconds
      .default(60_000)
      .describe("An instance not healthy by then is restarted. Default 60,000."),
    failuresToUnhealthy: z.int().min(1).max(100).default(3).describe("Failures in a row until a restart. Default 3."),
  })
  .refine((health) => (health.path === undefined) !== (health.url === undefined), "give either `path` or `url`");

export const serviceSpec = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe("Program and arguments; ${RELEASE_DIR} and ${PORT} are replaced. No shell is involved."),
    cwd: z.string().optional().describe("Working folder, relative to the release's own. Default: the release's own."),
    env: z.record(z.string(), z.string()).default({}).describe("Added to the supervisor's own environment."),
    port: z.int().min(1).max(65_535).optional().describe("Instance i gets port + i, in PORT."),
    address: z
      .string()
      .optional()
      .describe("`host:port` where it serves, when that is not `port`: shown in its status. ${PORT} is replaced."),
    health: healthSpec.optional().describe("Without it an instance counts as healthy after one second of life."),
    stopSignal: z
      .enum(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"])
      .default("SIGTERM")
      .describe("Asks an instance to finish what it does and end. Default SIGTERM."),
    drainLimitMs: milliseconds.default(10_000).describe("SIGKILL after this long. Default 10,000."),
    startAfter: z.array(serviceName).default([]).describe("Services that must be healthy first."),
  })
  .refine((spec) => spec.health?.path === undefined || spec.port !== undefined, "`health.path` needs `port`");

export const releaseSchema = z
  .strictObject({ tag: releaseTag, services: z.record(serviceName, serviceSpec) })
  .superRefine((release, context) => {
    for (const [name, spec] of Object.entries(release.services)) {
      const missing = spec.startAfter.filter((other) => !Object.hasOwn(release.services, other));
      if (missing.length > 0)
        context.addIssue({
          code: "custom",
          path: ["services", name, "startAfter"],
          message: `names no service of this release: ${missing.join(", ")}`,
        });
    }
    const cycle = findCycle(release.services);
    if (cycle !== undefined)
      context.addIssue({
        code: "custom",
        path: ["services"],
        message: `startAfter goes in a circle: ${cycle.join(" → ")}`,
      });
  });

export type ServiceSpec = z.infer<typeof serviceSpec>;
export type Release = z.infer<typeof releaseSchema>;

/** The form in which a release is written: what has a default may be left out. */
export type ReleaseInput = z.input<typeof releaseSchema>;

function findCycle(services: Readonly<Record<string, ServiceSpec>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const before of services[name]?.startAfter ?? []) {
      const cycle = visit(before, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(services)) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
