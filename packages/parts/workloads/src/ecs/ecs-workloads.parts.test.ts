// The ECS adapter passes the suite of the port: the real SDK over HTTP, against the stand-in.
import { ECSClient } from "@aws-sdk/client-ecs";
import { openAwsClient } from "@tidegate/aws";
import { createStandIn, createStandInEcs } from "@tidegate/aws/testing";
import { workloadsConformance } from "../conformance.ts";
import { CLUSTER, ecsNames, imageOf, seedCluster, seedService } from "../testing/seed-ecs-fleet.ts";
import { createEcsWorkloads } from "./create-ecs-workloads.ts";

const LETTERS: Readonly<Record<string, string>> = { first: "1", second: "2", broken: "b" };

workloadsConformance({
  adapter: "ecs, on the stand-in",
  open: async () => {
    const standIn = await createStandIn({
      services: (timeline) => ({
        ecs: createStandInEcs(timeline, {
          behaviourOf: (image) => (image.endsWith("b".repeat(64)) ? "cannot-start" : "works"),
        }),
      }),
    });
    const client = openAwsClient(ECSClient, standIn.clientOptions);
    await seedCluster(client);
    const target = (release: string) => ({ release, image: imageOf("writer", LETTERS[release] ?? "f") });
    await seedService(client, { service: "reader", release: "first", image: imageOf("reader", "1") });
    await seedService(client, { service: "writer", ...target("first") });
    const workloads = createEcsWorkloads({
      client,
      cluster: CLUSTER,
      services: { reader: ecsNames("reader"), writer: ecsNames("writer") },
      base: "running",
      everyMs: 10,
    });
    for (const release of ["second", "broken"]) await workloads.registerRevision("writer", target(release));
    return {
      workloads,
      releases: { first: "first", second: "second", broken: "broken" },
      target,
      countOutside: async (service) => standIn.services.ecs.countProcesses(CLUSTER, ecsNames(service).service),
      close: async () => {
        client.destroy();
        await standIn.close();
      },
    };
  },
});
