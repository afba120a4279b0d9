// The services of an installation are the folders with a desired state in them.
import { existsSync } from "node:fs";
import { desiredFile, serviceFolders } from "./state-files.ts";

/** The names of all services, sorted. */
export function listServices(stateDir: string): string[] {
  return serviceFolders(stateDir)
    .filter((service) => existsSync(desiredFile(stateDir, service)))
    .sort();
}
