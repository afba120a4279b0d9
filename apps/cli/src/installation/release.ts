// The release that a local installation runs: one manifest from the settings, under a tag that changes when code or settings do.
import { createHash } from "node:crypto";
import type { ReleaseInput } from "@tidegate/workloads";
import { SERVICE_NAMES, type ServiceName } from "./service-names.ts";
import { SERVICE_SPECS, type SpecInput } from "./service-specs.ts";
import type { OffPart } from "./off-part.ts";
import type { InstallationConfig } from "./settings.ts";

export interface ReleasePlanInput extends SpecInput {
  readonly codeDigest: string;
  readonly off: readonly OffPart[];
}

/** The services of this installation: those asked for, less the embedded parts that a real one replaces, or that cannot run here. */
export function chosenServices(config: InstallationConfig, off: readonly OffPart[] = []): readonly ServiceName[] {
  const replaced = new Set<ServiceName>(off.map((part) => part.name));
  if (config.database !== undefined) replaced.add("postgres");
  if (config.kafkaBrokers !== undefined) replaced.add("kafka");
  if (config.redisUrl !== undefined) replaced.add("redis");
  if (config.rpcUrls !== undefined) replaced.add("chain").add("traffic");
  return SERVICE_NAMES.filter((name) => !replaced.has(name) && (config.only?.includes(name) ?? true));
}

/** Pure: the manifest for the chosen services. Holds no secret; those travel in the environment of `tidegate up`. */
export function planRelease(input: ReleasePlanInput): ReleaseInput {
  const { config, codeDigest, off } = input;
  const chosen = chosenServices(config, off);
  const services = Object.fromEntries(
    chosen.map((name) => {
      const { startAfter = [], ...spec } = SERVICE_SPECS[name](input);
      return [
        name,
        { ...spec, startAfter: startAfter.filter((other) => (chosen as readonly string[]).includes(other)) },
      ];
    }),
  );
  const secrets = digest([
    config.database?.reveal(),
    config.rpcUrls,
    config.logsRpcUrls,
    config.kafkaBrokers,
    config.redisUrl?.reveal(),
    config.storeDatabase?.reveal(),
    config.migrationsDir,
  ]);
  return { tag: `local-${digest([services, secrets, codeDigest]).slice(0, 12)}`, services };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
