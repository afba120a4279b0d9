// Services as DescribeServices gives them: ten at once, in any order, so they are matched by name.
import { DescribeServicesCommand, type Service } from "@aws-sdk/client-ecs";
import type { EcsDeps, EcsServiceNames } from "./ecs-deps.ts";
import { callEcs, unknownService } from "./map-ecs-error.ts";

/** DescribeServices refuses more. */
const BATCH = 10;

/** By short name. Throws UnknownService with all names that are not configured, or that ECS does not have. */
export async function describeServices(deps: EcsDeps, names: readonly string[]): Promise<ReadonlyMap<string, Service>> {
  const wanted = [...new Set(names)];
  const unknown = wanted.filter((name) => !Object.hasOwn(deps.services, name));
  if (unknown.length > 0) throw unknownService(deps, unknown);
  const byEcsName = new Map<string, Service>();
  for (let from = 0; from < wanted.length; from += BATCH) {
    const batch = wanted.slice(from, from + BATCH);
    const answer = await callEcs(
      deps,
      { action: "DescribeServices", what: `Looking at ${batch.join(", ")}` },
      async () =>
        deps.client.send(
          new DescribeServicesCommand({
            cluster: deps.cluster,
            services: batch.map((name) => namesOf(deps, name).service),
            include: ["TAGS"],
          }),
        ),
    );
    for (const service of answer.services ?? [])
      if (service.serviceName !== undefined && service.status !== "INACTIVE")
        byEcsName.set(service.serviceName, service);
  }
  // What is in `failures` (reason MISSING) is what was not given.
  const missing = wanted.filter((name) => !byEcsName.has(namesOf(deps, name).service));
  if (missing.length > 0) throw unknownService(deps, missing);
  return new Map(
    wanted.flatMap((name) => {
      const service = byEcsName.get(namesOf(deps, name).service);
      return service === undefined ? [] : [[name, service] as const];
    }),
  );
}

/** One of them. */
export async function describeOne(deps: EcsDeps, name: string): Promise<Service> {
  const service = (await describeServices(deps, [name])).get(name);
  if (service === undefined) throw unknownService(deps, [name]);
  return service;
}

/** Throws UnknownService for a short name that is not configured. */
export function namesOf(deps: EcsDeps, name: string): EcsServiceNames {
  const names = Object.hasOwn(deps.services, name) ? deps.services[name] : undefined;
  if (names === undefined) throw unknownService(deps, [name]);
  return names;
}
