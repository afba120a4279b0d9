// The fleets that this installation knows: the document's, and one for each YAML file of a folder.
import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { describeError } from "@tidegate/kernel";
import { parse } from "yaml";
import { FleetInvalid, FleetUnknown } from "../errors.ts";
import { DEFAULT_FLEET, fleetSchema, type Fleet } from "./fleet-schema.ts";

export type Fleets = ReadonlyMap<string, Fleet>;

/** By name; a file of the folder goes before the document's fleet of the same name. Throws FleetInvalid. */
export function loadFleets(directory: string | undefined): Fleets {
  const fleets = new Map<string, Fleet>([[DEFAULT_FLEET.name, DEFAULT_FLEET]]);
  if (directory === undefined) return fleets;
  for (const file of fleetFiles(directory)) {
    const fleet = readFleet(file);
    fleets.set(fleet.name, fleet);
  }
  return fleets;
}

/** Throws FleetUnknown. */
export function fleetNamed(fleets: Fleets, name: string): Fleet {
  const fleet = fleets.get(name);
  if (fleet === undefined) throw new FleetUnknown({ fleet: name, known: [...fleets.keys()] });
  return fleet;
}

function fleetFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => extname(name) === ".yaml")
      .toSorted()
      .map((name) => join(directory, name));
  } catch (cause) {
    throw new FleetInvalid({ file: directory, problems: [describeError(cause)], cause });
  }
}

function readFleet(file: string): Fleet {
  let given: unknown;
  try {
    given = parse(readFileSync(file, "utf8"), { maxAliasCount: 0 });
  } catch (cause) {
    throw new FleetInvalid({ file, problems: [describeError(cause)], cause });
  }
  const parsed = fleetSchema.safeParse(given);
  const problems = parsed.success
    ? parsed.data.name === basename(file, ".yaml")
      ? []
      : [`name is "${parsed.data.name}", and the file's name says otherwise`]
    : parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) throw new FleetInvalid({ file, problems });
  return parsed.data;
}
