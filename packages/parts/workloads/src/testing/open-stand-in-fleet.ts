// A fleet on the stand-in, with the adapter in front: what each test of the ECS adapter begins with.
import { ECSClient } from "@aws-sdk/client-ecs";
import { openAwsClient, type ApiCall } from "@tidegate/aws";
import { createStandIn, createStandInEcs, type EcsTiming, type StandIn, type StandInEcs } from "@tidegate/aws/testing";
import { createEcsWorkloads, type EcsWorkloadsOptions } from "../ecs/create-ecs-workloads.ts";
import type { Workloads } from "../port.ts";
import { CLUSTER, ecsNames, imageOf, seedCluster, seedService, type Seed } from "./seed-ecs-fleet.ts";

export interface StandInFleet {
  readonly standIn: StandIn<{ ecs: StandInEcs }>;
  readonly ecs: StandInEcs;
  readonly client: ECSClient;
  readonly workloads: Workloads;
  /** A second client, which remembers nothing of the first one's. */
  readonly another: (options?: Partial<EcsWorkloadsOptions>) => Workloads;
  /** What the client told of its calls. */
  readonly told: ApiCall[];
  /** How many tasks of a service have a process, asked of the stand-in itself. */
  readonly living: (service: string) => number;
  readonly close: () => Promise<void>;
}

/** By the last digit of an image's digest. */
const BEHAVIOURS = { b: "cannot-start", c: "exits", d: "hangs" } as const;

/** `seeds`: services, or their names; those run release v1, image 1. */
export async function openStandInFleet(options: {
  readonly seeds: readonly (string | (Partial<Seed> & { readonly service: string }))[];
  readonly timing?: Partial<EcsTiming>;
  readonly adapter?: Partial<EcsWorkloadsOptions>;
}): Promise<StandInFleet> {
  const standIn = await createStandIn({
    services: (timeline) => ({
      ecs: createStandInEcs(timeline, {
        ...(options.timing === undefined ? {} : { timing: options.timing }),
        behaviourOf: (image) => BEHAVIOURS[image.at(-1) as keyof typeof BEHAVIOURS] ?? "works",
      }),
    }),
  });
  const told: ApiCall[] = [];
  const client = openAwsClient(ECSClient, { ...standIn.clientOptions, onCall: (call) => told.push(call) });
  await seedCluster(client);
  const seeds = options.seeds.map((seed) => (typeof seed === "string" ? { service: seed } : seed));
  for (const seed of seeds) await seedService(client, { release: "v1", image: imageOf(seed.service, "1"), ...seed });
  const another = (more: Partial<EcsWorkloadsOptions> = {}): Workloads =>
    createEcsWorkloads({
      client,
      cluster: CLUSTER,
      services: Object.fromEntries(seeds.map(({ service }) => [service, ecsNames(service)])),
      everyMs: 10,
      ...options.adapter,
      ...more,
    });
  standIn.forgetCalls();
  told.splice(0);
  return {
    standIn,
    ecs: standIn.services.ecs,
    client,
    workloads: another(),
    another,
    told,
    living: (service) => standIn.services.ecs.countProcesses(CLUSTER, ecsNames(service).service),
    close: async () => {
      client.destroy();
      await standIn.close();
    },
  };
}
