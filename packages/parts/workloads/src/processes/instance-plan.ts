// From "this service of this release" to "exactly this command": placeholders filled in, paths made absolute.
import { resolve } from "node:path";
import * as z from "zod";
import type { ServiceSpec } from "../release/release-schema.ts";

/** How a running instance is checked and ended. It is recorded with the instance, which may outlive its release's place as the desired one. */
export const careSchema = z.strictObject({
  address: z.string().optional(),
  health: z
    .strictObject({
      url: z.string(),
      everyMs: z.number(),
      timeoutMs: z.number(),
      startLimitMs: z.number(),
      failuresToUnhealthy: z.number(),
    })
    .optional(),
  stopSignal: z.string().transform((name) => name as NodeJS.Signals),
  drainLimitMs: z.number(),
});

export type Care = z.infer<typeof careSchema>;

export interface InstancePlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly care: Care;
}

/** Fills `${PORT}` and `${RELEASE_DIR}` into a service's spec for one instance. Other `${…}` stay as they are. */
export function planInstance(spec: ServiceSpec, releaseDir: string, index: number): InstancePlan {
  const port = spec.port === undefined ? undefined : spec.port + index;
  const address = spec.address ?? (port === undefined ? undefined : `127.0.0.1:${port}`);
  const fill = (text: string): string =>
    text.replaceAll("${RELEASE_DIR}", releaseDir).replaceAll("${PORT}", port === undefined ? "${PORT}" : String(port));
  const [program = "", ...args] = spec.command.map(fill);
  const env = Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, fill(value)]));
  return {
    program,
    args,
    cwd: resolve(releaseDir, fill(spec.cwd ?? ".")),
    env: { ...env, RELEASE_DIR: releaseDir, ...(port === undefined ? {} : { PORT: String(port) }) },
    ...(port === undefined ? {} : { port }),
    care: {
      ...(address === undefined ? {} : { address: fill(address) }),
      ...(spec.health === undefined ? {} : { health: fillHealth(spec.health, fill) }),
      stopSignal: spec.stopSignal,
      drainLimitMs: spec.drainLimitMs,
    },
  };
}

function fillHealth(health: NonNullable<ServiceSpec["health"]>, fill: (text: string) => string): Care["health"] {
  const { path, url, ...times } = health;
  return { ...times, url: fill(url ?? `http://127.0.0.1:\${PORT}${path ?? "/"}`) };
}
