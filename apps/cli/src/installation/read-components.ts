// The parts and services of the installation as they are now, in the order in which they start.
import { componentKind, type Component } from "@tidegate/contract";
import { summariseWorkload, type Workloads } from "@tidegate/workloads";
import { SERVICE_NAMES } from "./service-names.ts";

/** Only what has ever been started here; an installation that never ran has none. */
export async function readComponents(workloads: Workloads): Promise<readonly Component[]> {
  const known = await workloads.list();
  const components: Component[] = [];
  for (const name of SERVICE_NAMES.filter((one) => known.includes(one))) {
    const summary = summariseWorkload(await workloads.describe(name));
    components.push({ ...summary, kind: componentKind(name) });
  }
  return components;
}
