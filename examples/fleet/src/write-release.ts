// Writes a release of the fleet: what the processes adapter runs as services, and what runs as the function Bazooka.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SERVICES, type Fault, type ServiceName } from "./constants.ts";

export interface FleetReleaseOptions {
  readonly releasesDir: string;
  /** Also what each write names as its writer's version. */
  readonly tag: string;
  readonly release: 1 | 2;
  /** The first instance of each service listens here; the next one on the next port. */
  readonly ports: Readonly<Record<ServiceName, number>>;
  /** Absolute path of Bazooka's module, and the name of its export. */
  readonly handler: { readonly module: string; readonly export: string };
  /** Default this release's own. */
  readonly migrationsDir?: string;
  readonly fault?: { readonly kind: Fault; readonly services: readonly ServiceName[] };
  /** More of every service's environment: FLEET_TICK_MS, FLEET_LEDGER_DIR, FLEET_TOPIC_PREFIX. No secrets: the URLs come from the supervisor's. */
  readonly env?: Readonly<Record<string, string>>;
  /** More of Bazooka's: BAZOOKA_TOPICS, and the URLs where whoever runs the function does not give them. */
  readonly functionEnv?: Readonly<Record<string, string>>;
  /** Default 300,000. */
  readonly functionTimeoutMs?: number;
  /** Default "bazooka". */
  readonly functionName?: string;
  /** Default this process's. */
  readonly node?: string;
}

/** Folders of Knex migrations: of the two releases, and one whose second migration fails in the middle. */
export const FLEET_MIGRATIONS = {
  1: folder("migrations/release-1"),
  2: folder("migrations/release-2"),
  failsHalfway: folder("migrations/release-2-fails-halfway"),
} as const;

const FUNCTION_TIMEOUT_MS = 300_000;
/** A batch of Ender's takes a second at most; the rest is for a machine that is busy. */
const DRAIN_LIMIT_MS = 15_000;

/** Writes `releases/<tag>/release.json` and `functions.json`; gives the folder. What is there already is replaced. */
export function writeFleetRelease(options: FleetReleaseOptions): string {
  const dir = join(options.releasesDir, options.tag);
  mkdirSync(dir, { recursive: true });
  const services = Object.fromEntries(SERVICES.map((name) => [name, serviceSpec(name, options)]));
  write(dir, "release.json", { tag: options.tag, services });
  write(dir, "functions.json", {
    tag: options.tag,
    functions: { [options.functionName ?? "bazooka"]: functionSpec(options) },
  });
  return dir;
}

/** In the form that packages/parts/workloads reads. */
function serviceSpec(name: ServiceName, options: FleetReleaseOptions) {
  const { fault } = options;
  return {
    command: [options.node ?? process.execPath, "--disable-warning=ExperimentalWarning", folder(`src/${name}/main.ts`)],
    port: options.ports[name],
    env: {
      ...options.env,
      FLEET_RELEASE: String(options.release),
      FLEET_VERSION: options.tag,
      ...(fault?.services.includes(name) === true ? { FLEET_FAULT: fault.kind } : {}),
    },
    health: { path: "/health", everyMs: 1_000, startLimitMs: 30_000 },
    drainLimitMs: DRAIN_LIMIT_MS,
  };
}

function functionSpec(options: FleetReleaseOptions) {
  return {
    handler: `${options.handler.module}#${options.handler.export}`,
    env: { BAZOOKA_MIGRATIONS_DIR: options.migrationsDir ?? FLEET_MIGRATIONS[options.release], ...options.functionEnv },
    timeoutMs: options.functionTimeoutMs ?? FUNCTION_TIMEOUT_MS,
  };
}

/** For its owner alone: a URL with a password may be in it. */
function write(dir: string, name: string, content: unknown): void {
  writeFileSync(join(dir, name), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

function folder(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
