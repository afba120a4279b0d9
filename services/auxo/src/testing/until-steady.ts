// Waits until what a fleet was seeded with runs as it should: an upgrade is measured from there.
import { DescribeServicesCommand } from "@aws-sdk/client-ecs";
import { waitUntil } from "@tidegate/kernel";
import { CLUSTER } from "@tidegate/workloads/testing";
import type { AwsFleet } from "./open-aws-fleet.ts";

/** DescribeServices takes no more. */
const BATCH = 10;

/** Resolves when each service's deployment is completed. */
export async function untilSteady(
  { client, service }: Pick<AwsFleet, "client" | "service">,
  names: readonly string[],
): Promise<void> {
  const isSteady = async (some: readonly string[]): Promise<boolean> => {
    const wanted = some.map((name) => service(name).service);
    const { services = [] } = await client.send(new DescribeServicesCommand({ cluster: CLUSTER, services: wanted }));
    return (
      services.length === some.length && services.every((one) => one.deployments?.[0]?.rolloutState === "COMPLETED")
    );
  };
  const batches = Array.from({ length: Math.ceil(names.length / BATCH) }, (_, index) =>
    names.slice(index * BATCH, (index + 1) * BATCH),
  );
  await waitUntil(async () => ((await Promise.all(batches.map(isSteady))).every(Boolean) ? true : undefined), {
    what: "The fleet being steady",
    limitMs: 120_000,
    everyMs: 500,
    remedy: "Look at the stand-in.",
  });
}
