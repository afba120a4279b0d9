// The document's fleet on a stand-in for AWS, which answers as AWS documents and lets states take time; and Auxo's handler in front of it.
import { ECSClient } from "@aws-sdk/client-ecs";
import { openAwsClient, type ApiCall } from "@tidegate/aws";
import {
  createStandIn,
  createStandInEcr,
  createStandInEcs,
  createStandInLambda,
  type EcsTiming,
  type ImageBehaviour,
  type LambdaOutcome,
  type StandIn,
  type StandInEcr,
  type StandInEcs,
  type StandInLambda,
} from "@tidegate/aws/testing";
import { createVolatileEngine, type Engine, type PlanDraft } from "@tidegate/engine";
import { createLogger, type Clock } from "@tidegate/kernel";
import { CLUSTER, ecsNames, seedCluster, seedService, type Seed } from "@tidegate/workloads/testing";
import { loadConfig } from "../config.ts";
import { BAZOOKA_LAMBDA_FUNCTION_NAME, ECS_SERVICE_NAMES } from "../constants.ts";
import { createUpgradeOperation } from "../create-operations.ts";
import { parseEvent } from "../event/parse-event.ts";
import { createAuxoHandler } from "../handler.ts";
import type { AuxoResponse } from "../types.ts";

export const EVENT = {
  upgrade_tag: "new",
  prefix: "dev",
  region: "eu-west-1",
  regionAbbrev: "euw1",
  addNewKafkaTopics: false,
  onlyRunDbMigrationAndCreateKafkaTopics: false,
};

interface LogLine {
  readonly level: string;
  readonly at: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface AwsFleet {
  readonly standIn: StandIn<{ ecs: StandInEcs; ecr: StandInEcr; lambda: StandInLambda }>;
  readonly client: ECSClient;
  /** The handler, as Lambda would call it; in memory unless `env` says otherwise. */
  readonly invoke: (event: unknown, options?: { readonly remainingMs?: number }) => Promise<AuxoResponse>;
  /** The operation in memory, to be steered; a new engine each time. */
  readonly openEngine: () => Engine;
  /** What an upgrade would do, for people. */
  readonly plan: (event: unknown) => Promise<PlanDraft>;
  /** What Bazooka was invoked with, in order: its image and its event. */
  readonly bazooka: ReadonlyArray<{ readonly image: string; readonly event: unknown }>;
  /** Of the handler; for one in a process of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly calls: readonly ApiCall[];
  readonly log: readonly LogLine[];
  readonly service: (name: string) => { readonly service: string; readonly family: string };
  /** Tasks of a service that have a process, asked of the stand-in itself. */
  readonly living: (name: string) => number;
  readonly push: (repository: string, tag: string, contents: string) => string;
  readonly close: () => Promise<void>;
}

export interface AwsFleetOptions {
  readonly timing?: Partial<EcsTiming>;
  readonly seeds?: Readonly<Record<string, Partial<Seed>>>;
  readonly services?: readonly string[];
  readonly behaviourOf?: (image: string) => ImageBehaviour;
  /** What Bazooka answers. Default its success; a question ("observe") it does not know. */
  readonly bazooka?: (
    image: string,
    event: Readonly<Record<string, unknown>>,
  ) => Promise<LambdaOutcome> | LambdaOutcome;
  readonly updateMs?: number;
  readonly updateFails?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  /** Of the stand-in and of Auxo. Default the system's. */
  readonly clock?: Clock;
}

const SUCCESS: LambdaOutcome = { returned: { statusCode: 200, body: '{"message":"success"}' } };
/** As AWS lets a function run at most. */
const LONGEST_MS = 900_000;

export async function openAwsFleet(options: AwsFleetOptions = {}): Promise<AwsFleet> {
  const bazooka: Array<{ image: string; event: unknown }> = [];
  const standIn = await startStandIn(options, bazooka);
  const client = openAwsClient(ECSClient, standIn.clientOptions);
  const { push } = standIn.services.ecr;
  const digests = new Map<string, string>();
  push("dev-indexer-bazooka", "new", "new bazooka");
  await seedCluster(client);
  for (const service of options.services ?? ECS_SERVICE_NAMES) {
    const old = push(`dev-indexer-${service}`, "old", `old ${service}`);
    digests.set(service, push(`dev-indexer-${service}`, "new", `new ${service}`));
    const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev-indexer-${service}@${old}`;
    await seedService(client, { service, release: "old", image, ...options.seeds?.[service] });
  }
  standIn.forgetCalls();
  const log: LogLine[] = [];
  const calls: ApiCall[] = [];
  const { credentials } = standIn.clientOptions;
  const env = {
    TIDEGATE_ENGINE: "volatile",
    AUXO_AWS_ENDPOINT_URL: standIn.endpoint,
    SLEEP_TIME_MS: "20",
    MAX_TASK_DEFINITION_WAIT_TIME_MS: "2000",
    AWS_ACCESS_KEY_ID: "stand-in",
    AWS_SECRET_ACCESS_KEY: "means nothing",
    ...options.env,
  };
  const handler = createAuxoHandler({
    env,
    logger: createLogger({
      service: "auxo",
      destination: { write: (line: string) => void log.push(JSON.parse(line) as LogLine) },
    }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    aws: { onCall: (call) => calls.push(call), ...(credentials === undefined ? {} : { credentials }) },
  });
  const openEngine = (): Engine => {
    const config = loadConfig(env);
    const operation = createUpgradeOperation({ config, env, aws: credentials === undefined ? {} : { credentials } });
    return createVolatileEngine({ operations: [operation] });
  };
  let requests = 0;
  return {
    standIn,
    client,
    invoke: async (event, { remainingMs = LONGEST_MS } = {}) => {
      const until = performance.now() + remainingMs;
      return handler(event, {
        awsRequestId: `request-${++requests}`,
        functionName: "auxo_lambda_function",
        getRemainingTimeInMillis: () => until - performance.now(),
      });
    },
    openEngine,
    plan: async (event) => (await openEngine().plan("upgrade", parseEvent(event), { by: "tests" })).draft,
    env,
    bazooka,
    calls,
    log,
    service: ecsNames,
    living: (name) => standIn.services.ecs.countProcesses(CLUSTER, ecsNames(name).service),
    push,
    close: async () => {
      client.destroy();
      await standIn.close();
    },
  };
}

async function startStandIn(
  options: AwsFleetOptions,
  bazooka: Array<{ image: string; event: unknown }>,
): Promise<AwsFleet["standIn"]> {
  return createStandIn({
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    services: (timeline) => ({
      ecs: createStandInEcs(timeline, {
        ...(options.timing === undefined ? {} : { timing: options.timing }),
        ...(options.behaviourOf === undefined ? {} : { behaviourOf: options.behaviourOf }),
      }),
      ecr: createStandInEcr(timeline),
      lambda: createStandInLambda(timeline, {
        functions: [
          { name: BAZOOKA_LAMBDA_FUNCTION_NAME, image: OLD_BAZOOKA, timeoutSeconds: options.timeoutSeconds ?? 30 },
        ],
        updateMs: options.updateMs ?? 50,
        failureOf: () => options.updateFails,
        run: async (image = "", payload) => {
          const event = JSON.parse(payload) as Record<string, unknown>;
          bazooka.push({ image, event });
          return (await options.bazooka?.(image, event)) ?? SUCCESS;
        },
      }),
    }),
  });
}

export const OLD_BAZOOKA = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev-indexer-bazooka@sha256:${"0".repeat(64)}`;
