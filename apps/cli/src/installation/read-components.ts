// The parts and services of the installation as they are now, in the order in which they start.
import type { Component } from "@tidegate/contract";
import { summariseWorkload, type Workloads } from "@tidegate/workloads";
import type { Installation } from "./command-input.ts";
import { PART_NAMES, SERVICE_NAMES } from "./service-names.ts";

/** Only what has ever been started here; an installation that never ran has none. */
export async function readComponents(installation: Installation, workloads: Workloads): Promise<readonly Component[]> {
  const known = await workloads.list();
  const components: Component[] = [];
  for (const name of SERVICE_NAMES.filter((one) => known.includes(one))) {
    const summary = summariseWorkload(await workloads.describe(name));
    const address = summary.pid === null ? null : (summary.address ?? ownAddress(name, installation));
    components.push({ ...summary, kind: PART_NAMES.includes(name) ? "part" : "service", address });
  }
  return components;
}

/** The parts listen by themselves, so the supervisor does not know their ports. */
function ownAddress(name: string, { ports }: Installation): string | null {
  if (name === "postgres") return `127.0.0.1:${ports.postgres}`;
  if (name === "chain") return `127.0.0.1:${ports.chain}`;
  return null;
}
