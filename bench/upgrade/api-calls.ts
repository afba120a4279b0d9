// An upgrade of fifty services on the stand-in for AWS, whose states take time, at the document's own pace; every call of it with its time, by the server's clock.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT, openAwsFleet, untilSteady, type AwsFleet } from "@tidegate/auxo/testing";
import { ECS_BUCKETS, useOf, type Bucket, type BucketUse } from "./ecs-buckets.ts";

export const SERVICES = 50;
export const WRITERS = 10;

export interface CallsOfUpgrade {
  readonly tookS: number;
  readonly buckets: ReadonlyArray<{ readonly bucket: Bucket; readonly use: BucketUse; readonly perSecond: number }>;
}

/** As the document has it. */
const SLEEP_TIME_MS = 5_000;
/** Long against the time between two looks, so that there is waiting to be counted; shorter than AWS mostly is. */
const TIMING = {
  provisioningMs: 3_000,
  pendingMs: 4_000,
  stoppingMs: 8_000,
  deprovisioningMs: 2_000,
  steadyMs: 6_000,
  registeringMs: 500,
};

export async function measureApiCalls(): Promise<CallsOfUpgrade> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const names = Array.from({ length: SERVICES }, (_, index) => `service-${String(index + 1).padStart(2, "0")}`);
  const lines = names.map((name, index) => `  ${name}: { writer: ${index < WRITERS} }`);
  writeFileSync(join(folder, "fifty.yaml"), ["name: fifty", "platform: ecs", "services:", ...lines, ""].join("\n"));
  const fleet = await openAwsFleet({
    services: names,
    seeds: Object.fromEntries(names.map((name) => [name, { desiredCount: 2 }])),
    timing: TIMING,
    env: {
      AUXO_FLEETS_DIR: folder,
      AUXO_FLEET: "fifty",
      SLEEP_TIME_MS: String(SLEEP_TIME_MS),
      MAX_TASK_DEFINITION_WAIT_TIME_MS: "60000",
    },
  });
  try {
    await untilSteady(fleet, names);
    fleet.standIn.forgetCalls();
    const begunMs = performance.now();
    await fleet.invoke(EVENT);
    return callsOf(fleet, (performance.now() - begunMs) / 1_000);
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true });
  }
}

function callsOf({ standIn }: AwsFleet, tookS: number): CallsOfUpgrade {
  const buckets = ECS_BUCKETS.map((bucket) => {
    const actions = bucket.actions.map((action) => `ecs:${action}`);
    const times = standIn.calls.filter((call) => actions.includes(call.action)).map((call) => call.atMs);
    return { bucket, use: useOf(bucket, times), perSecond: times.length / tookS };
  });
  return { tookS, buckets };
}
