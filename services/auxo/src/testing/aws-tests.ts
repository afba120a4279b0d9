// The tests of Auxo on AWS: one fleet at a time, and outside looks at it.
import { createHash } from "node:crypto";
import { DescribeServicesCommand, UpdateServiceCommand, type Service } from "@aws-sdk/client-ecs";
import type { Fault } from "@tidegate/aws/testing";
import { CLUSTER } from "@tidegate/workloads/testing";
import { afterEach } from "vitest";
import { EVENT, openAwsFleet, type AwsFleet, type AwsFleetOptions } from "./open-aws-fleet.ts";

export interface AwsTests {
  /** Of the current test. */
  readonly fleet: AwsFleet;
  readonly open: (options?: AwsFleetOptions) => Promise<void>;
  readonly look: (name: string) => Promise<Service>;
  readonly setCount: (name: string, desiredCount: number) => Promise<void>;
  readonly countOf: (name: string) => Promise<number>;
  /** Calls that change something, in the order of their arrival, with the service that they are about: "UpdateService ender 0". */
  readonly changes: () => readonly string[];
  /** The error of an invocation that must fail. */
  readonly failure: (event?: unknown, options?: { readonly remainingMs: number }) => Promise<Error & { code?: string }>;
}

export function createAwsTests(): AwsTests {
  let current: AwsFleet | undefined;
  afterEach(async () => {
    await current?.close();
    current = undefined;
  });
  const fleet = new Proxy({} as AwsFleet, { get: (_, name) => Reflect.get(current ?? {}, name) as unknown });
  const look: AwsTests["look"] = async (name) => {
    const answer = await fleet.client.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [fleet.service(name).service], include: ["TAGS"] }),
    );
    const [service] = answer.services ?? [];
    if (service === undefined) throw new Error(`${name} is gone`);
    return service;
  };
  return {
    fleet,
    open: async (options) => {
      current = await openAwsFleet(options);
    },
    look,
    setCount: async (name, desiredCount) =>
      void (await fleet.client.send(
        new UpdateServiceCommand({ cluster: CLUSTER, service: fleet.service(name).service, desiredCount }),
      )),
    countOf: async (name) => (await look(name)).desiredCount ?? -1,
    changes: () =>
      fleet.standIn.calls
        .filter(({ action }) => /Update|Register|Invoke|TagResource/.test(action))
        .map(({ action, input }) => nameOf(action, input)),
    failure: async (event = EVENT, options) =>
      fleet.invoke(event, options).then(
        () => {
          throw new Error("it succeeded");
        },
        (error: Error & { code?: string }) => error,
      ),
  };
}

function nameOf(action: string, input: unknown): string {
  const { service, desiredCount, family } = input as { service?: string; desiredCount?: number; family?: string };
  const name = (service ?? family ?? "").replace(/^dev-indexer-euw1-/, "").replace(/-task$/, "");
  return `${action.split(":")[1] ?? ""} ${name}${desiredCount === undefined ? "" : ` ${desiredCount}`}`.trim();
}

/** Of the image that the tag `new` stands for. */
export const newDigest = (service: string): string => createHash("sha256").update(`new ${service}`).digest("hex");

/** ECS refuses once to move the service to another revision. */
export const refusedRoll = (service: string): Fault => ({
  action: "ecs:UpdateService",
  of: (input) => {
    const { service: name = "", taskDefinition } = input as {
      readonly service?: string;
      readonly taskDefinition?: string;
    };
    return taskDefinition !== undefined && name.endsWith(`-${service}`);
  },
  answer: { error: "InvalidParameterException", message: "no", status: 400 },
});
