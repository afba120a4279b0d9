// How a cancelled upgrade left everything, in sentences: what is seen of the fleet, and what the run knows of the database.
import { describeError } from "@tidegate/kernel";
import type { WorkloadStatus } from "@tidegate/workloads";
import type { ServiceFacts } from "../../types.ts";
import type { Upgrade } from "./flow.ts";

/** How far the run came; set before what may happen, and after what has. */
export interface Reached {
  isBazookaTouched: boolean;
  isMigrationTold: boolean;
  isMigrated: boolean;
}

/** Throws nothing: what cannot be seen is said. */
export async function describeState(upgrade: Upgrade, reached: Reached): Promise<string> {
  const services = await servicesSentences(upgrade).catch((error: unknown) => [
    `What the services run could not be seen (${describeError(error)}).`,
  ]);
  return [...services, ...databaseSentences(upgrade, reached)].join(" ");
}

async function servicesSentences({ scene, observation, writers }: Upgrade): Promise<readonly string[]> {
  const { services } = observation;
  const statuses = await scene.platform.workloads.describeAll(services.map((one) => one.name));
  const isOn = (one: ServiceFacts): boolean => statuses.get(one.name)?.revision.id === one.revision;
  const names = (all: readonly ServiceFacts[]): string => all.map((one) => one.name).join(", ");
  const [before, after] = [services.filter(isOn), services.filter((one) => !isOn(one))];
  return [
    ...(writers.length > 0 ? [`Writers: ${writers.map((one) => countOf(one.name, statuses)).join(", ")}.`] : []),
    ...(after.length === 0
      ? ["All services are on the revisions that ran before."]
      : [
          `On another revision than before: ${names(after)}.`,
          ...(before.length > 0 ? [`On the revision that ran before: ${names(before)}.`] : []),
        ]),
  ];
}

function countOf(name: string, statuses: ReadonlyMap<string, WorkloadStatus>): string {
  const status = statuses.get(name);
  return status === undefined
    ? `${name} is gone`
    : `${name} at ${status.desiredCount} (${status.runningCount} running)`;
}

function databaseSentences({ observation }: Upgrade, reached: Reached): readonly string[] {
  const { migrator } = observation;
  if (migrator === null) return [];
  const database = reached.isMigrated
    ? "The database is migrated."
    : reached.isMigrationTold
      ? "The database may be migrated, wholly or in part; the plan of the next upgrade says what is pending."
      : "The database was not touched.";
  const bazooka = `${migrator.function} may run the new image already, which changes nothing before it is invoked.`;
  return [database, ...(reached.isBazookaTouched ? [bazooka] : [])];
}
