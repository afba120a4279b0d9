// From a fleet to what it stands on: AWS by the SDK, or the processes, releases and functions of this machine.
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { openAwsClient, type AwsClientOptions } from "@tidegate/aws";
import { createLambdaFunctions, createLocalFunctions } from "@tidegate/functions";
import { createEcrImages, createReleaseImages } from "@tidegate/images";
import { PartIsOff, type Clock } from "@tidegate/kernel";
import { createEcsWorkloads, createProcessWorkloads } from "@tidegate/workloads";
import { join } from "node:path";
import type { AuxoConfig } from "../config.ts";
import type { Fleet } from "../fleet/fleet-schema.ts";
import type { ResourceNames } from "../fleet/name-resources.ts";
import { createPace } from "./create-pace.ts";
import { ECS_QUOTAS } from "./ecs-quotas.ts";
import { paceCalls } from "./pace-calls.ts";
import type { OpenPlatform, Platform } from "./platform.ts";

export interface PlatformDeps {
  readonly config: AuxoConfig;
  /** What functions of this machine may see of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Beside the settings: counting of calls, and credentials in tests. */
  readonly aws?: Pick<AwsClientOptions, "onCall" | "credentials">;
  readonly clock: Clock;
}

export function createOpenPlatform(deps: PlatformDeps): OpenPlatform {
  const clients = new Map<string, AwsClients>();
  const clientsOf = (region: string): AwsClients => {
    const there = clients.get(region) ?? openClients(deps, region);
    clients.set(region, there);
    return there;
  };
  const platforms = new Map<string, Platform>();
  return (fleet, names) => {
    const key = `${fleet.name} ${names.region ?? ""} ${names.cluster}`;
    // What an adapter remembers spares calls.
    const there = platforms.get(key);
    if (there !== undefined) return there;
    const isOnAws = fleet.platform === "ecs";
    const platform = isOnAws ? openAws(deps, { fleet, names }, clientsOf(names.region ?? "")) : openLocal(deps, fleet);
    platforms.set(key, platform);
    return platform;
  };
}

interface AwsClients {
  readonly ecs: ECSClient;
  readonly ecr: ECRClient;
  readonly lambda: LambdaClient;
}

/** A synchronous invocation is silent until the function has ended: Lambda's own limit, and a little. */
const LONGEST_FUNCTION_MS = 910_000;

function openClients({ config, aws, clock }: PlatformDeps, region: string): AwsClients {
  const options: AwsClientOptions = { region, endpoint: config.awsEndpoint, ...aws };
  const ecs = openAwsClient(ECSClient, options);
  // Fifty services are more than ECS's quotas take at once, and registering is the narrowest.
  paceCalls(ecs, createPace(ECS_QUOTAS, clock));
  return {
    ecs,
    ecr: openAwsClient(ECRClient, options),
    lambda: openAwsClient(LambdaClient, { ...options, requestTimeoutMs: LONGEST_FUNCTION_MS }),
  };
}

function openAws(
  { config, clock }: PlatformDeps,
  { fleet, names }: { readonly fleet: Fleet; readonly names: ResourceNames },
  { ecs, ecr, lambda }: AwsClients,
): Platform {
  const services = Object.fromEntries(
    Object.entries(names.services).map(([name, { service, family }]) => [
      name,
      { service, family, container: fleet.names.container },
    ]),
  );
  return {
    workloads: createEcsWorkloads({
      client: ecs,
      cluster: names.cluster,
      services,
      base: fleet.base,
      taskDefinitionLimitMs: config.taskDefinitionWaitMs,
      everyMs: config.sleepMs,
      clock,
    }),
    images: createEcrImages({ client: ecr }),
    functions: createLambdaFunctions({ client: lambda }),
    registerMs: config.taskDefinitionWaitMs,
    pollMs: fleet.pollMs ?? config.sleepMs,
  };
}

const LOCAL_POLL_MS = 100;
/** A file is written. */
const LOCAL_REGISTER_MS = 1_000;

function openLocal({ config, env }: PlatformDeps, fleet: Fleet): Platform {
  const { stateDir, releasesDir } = config;
  if (stateDir === undefined || releasesDir === undefined) {
    throw new PartIsOff({
      part: "workloads",
      reason: `fleet "${fleet.name}" is made of processes, and Auxo was not told where their state and releases are`,
      remedy:
        "Run the upgrade on the operator of an installation, or set TIDEGATE_STATE_DIR and TIDEGATE_RELEASES_DIR.",
    });
  }
  const images = createReleaseImages({ releasesDir });
  return {
    workloads: createProcessWorkloads({ stateDir, releasesDir }),
    images,
    functions: createLocalFunctions({
      stateDir: config.functionsDir ?? join(stateDir, "..", "functions"),
      releasesDir,
      images,
      env: handedOn(env),
    }),
    registerMs: LOCAL_REGISTER_MS,
    pollMs: fleet.pollMs ?? LOCAL_POLL_MS,
  };
}

/** Where the stores are, and what Node needs; not the operator's tokens. */
const HANDED_ON = /^(PATH|HOME|LANG|TZ|TMPDIR|NODE_.*|BAZOOKA_.*|KAFKA_.*|REDIS_.*|PG_.*|DB_.*)$/;

function handedOn(env: PlatformDeps["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && HANDED_ON.test(name) ? [[name, value]] : [],
    ),
  );
}
