// The ECS adapter passes the suite of the port on MiniStack too: the same SDK, somebody else's idea of ECS.
import { ECSClient } from "@aws-sdk/client-ecs";
import { openAwsClient } from "@tidegate/aws";
import { ministackOff, startMinistack } from "@tidegate/aws/testing";
import { it } from "vitest";
import { workloadsConformance } from "../conformance.ts";
import { CLUSTER, ecsNames, imageOf, seedCluster, seedService } from "../testing/seed-ecs-fleet.ts";
import { createEcsWorkloads } from "./create-ecs-workloads.ts";

const LETTERS: Readonly<Record<string, string>> = { first: "1", second: "2", broken: "b" };
const off = await ministackOff();

if (off !== undefined) it.skip(`the port of workloads: ecs, on MiniStack (needs MiniStack: ${off})`);
else
  workloadsConformance({
    adapter: "ecs, on MiniStack",
    lacks: {
      instances: "MiniStack runs no task without Docker, and stops them in no time",
      failures: "MiniStack completes every deployment without Docker",
    },
    open: async () => {
      const server = await startMinistack();
      const client = openAwsClient(ECSClient, server.clientOptions);
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
        countOutside: async () => Promise.reject(new Error("nothing runs on MiniStack")),
        close: async () => {
          client.destroy();
          await server.stop();
        },
      };
    },
  });
