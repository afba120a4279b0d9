// How everything of a fleet is called in one environment: the fleet's templates with the event's values in them.
import type { UpgradeInput } from "../types.ts";
import { EventIncomplete } from "../errors.ts";
import type { Fleet } from "./fleet-schema.ts";

interface ServiceNames {
  readonly service: string;
  readonly family: string;
  readonly repository: string;
}

export interface ResourceNames {
  /** What a person types to confirm. */
  readonly target: string;
  readonly cluster: string;
  readonly region: string | null;
  readonly services: Readonly<Record<string, ServiceNames>>;
  readonly bazooka: { readonly function: string; readonly repository: string } | null;
}

/** Of the document's infrastructure; and of processes, whose names need no environment. Source: the facts of the original, "Naming". */
const TEMPLATES = {
  ecs: {
    target: "{prefix}-indexer-{regionAbbrev}",
    cluster: "{prefix}-indexer-{regionAbbrev}-cluster",
    service: "{prefix}-indexer-{regionAbbrev}-{service}",
    family: "{prefix}-indexer-{regionAbbrev}-{service}-task",
    repository: "{prefix}-indexer-{service}",
    bazooka: "{prefix}-indexer-bazooka",
  },
  processes: {
    target: "{fleet}",
    cluster: "{fleet}",
    service: "{service}",
    family: "{service}",
    repository: "{service}",
    bazooka: "bazooka",
  },
} as const;

/** Throws EventIncomplete for a value that a name needs and that neither the event nor the fleet gives. */
export function nameResources(fleet: Fleet, input: UpgradeInput): ResourceNames {
  const values: Readonly<Record<string, string | undefined>> = {
    prefix: input.prefix ?? fleet.event.prefix,
    region: input.region ?? fleet.event.region,
    regionAbbrev: input.regionAbbrev ?? fleet.event.regionAbbrev,
    fleet: fleet.name,
  };
  const missing = new Set<string>();
  const fill = (template: string, service?: string): string =>
    template.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
      const value = key === "service" ? service : values[key];
      if (value === undefined) missing.add(key);
      return value ?? "";
    });
  const { migrator } = fleet;
  const templates = { ...TEMPLATES[fleet.platform], ...definedOf(fleet.names) };
  if (fleet.platform === "ecs" && values["region"] === undefined) missing.add("region");
  const services = Object.keys(fleet.services).map((name) => {
    const { service, family, repository } = templates;
    return [
      name,
      { service: fill(service, name), family: fill(family, name), repository: fill(repository, name) },
    ] as const;
  });
  const resources: ResourceNames = {
    target: fill(templates.target),
    cluster: fill(templates.cluster),
    region: values["region"] ?? null,
    services: Object.fromEntries(services),
    bazooka:
      migrator === null
        ? null
        : { function: fill(migrator.function), repository: fill(migrator.repository ?? templates.bazooka) },
  };
  if (missing.size > 0) throw new EventIncomplete({ fleet: fleet.name, missing: [...missing].toSorted() });
  return resources;
}

function definedOf(names: Fleet["names"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
