// A small server that answers as AWS documents, over HTTP, to the real SDK.
//
// How a service is plugged in: a folder (`ecs/`, `ecr/`, `lambda/`) with a function that gives a StandInService:
//
//   import * as sdk from "@aws-sdk/client-ecr";
//   export const standInEcr = (timeline, options): StandInService & { what tests may ask of its state } => ({
//     name: "ecr",                                             // as in IAM and in the signature
//     model: modelOf(sdk),                                     // every input and every output is held against it
//     protocol: awsJson("AmazonEC2ContainerRegistry_V20150921"),  // or restJson() for Lambda
//     operations: {
//       DescribeImages: (input: sdk.DescribeImagesCommandInput): Omit<sdk.DescribeImagesCommandOutput, "$metadata"> => …,
//     },
//   });
//
// An operation gets its decoded input (Date, Uint8Array) and gives its output, also as a promise; it refuses by throwing
// AwsRefusal. What shall happen later is told to `timeline.after`. `createStandIn` is given a function from the timeline to the services.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { systemClock, type Clock } from "@tidegate/kernel";
import type { AwsClientOptions } from "../client/open-aws-client.ts";
import { answerCall, type RecordedCall } from "./answer-call.ts";
import { createFaults, type Fault } from "./faults.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import type { ServiceModel } from "./wire/model.ts";
import type { Protocol } from "./wire/protocol.ts";

/** `never`: each operation has its own type of input; what arrives was checked against the model. */
export type StandInOperation = (input: never) => unknown;

export interface StandInService {
  readonly name: string;
  readonly model: ServiceModel;
  readonly protocol: Protocol;
  readonly operations: Readonly<Record<string, StandInOperation>>;
}

export interface StandIn<Services extends Readonly<Record<string, StandInService>>> {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** What a client needs to talk to it: endpoint, region, credentials that mean nothing, short waits between tries. */
  readonly clientOptions: AwsClientOptions;
  readonly services: Services;
  readonly timeline: Timeline;
  /** Every call, in the order of their arrival. */
  readonly calls: readonly RecordedCall[];
  /** How many calls of an action ("ecs:DescribeServices") arrived. */
  readonly count: (action: string) => number;
  readonly forgetCalls: () => void;
  readonly inject: (fault: Fault) => () => void;
  /** What did not fit the SDK's model, or was no call at all; gives and forgets them. */
  readonly takeProblems: () => readonly string[];
  /** Throws when there are problems that nobody took. */
  readonly close: () => Promise<void>;
}

export const STAND_IN_REGION = "eu-west-1";

export interface StandInOptions<Services> {
  readonly services: (timeline: Timeline) => Services;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** Starts it on a free port of 127.0.0.1. */
export async function createStandIn<Services extends Readonly<Record<string, StandInService>>>(
  options: StandInOptions<Services>,
): Promise<StandIn<Services>> {
  const timeline = createTimeline(options.clock ?? systemClock);
  const services = options.services(timeline);
  const faults = createFaults();
  const calls: RecordedCall[] = [];
  const problems: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      problems.push(
        `the stand-in itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      response.destroy();
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wire = await readRequest(request);
    const answer = await answerCall({ services: Object.values(services), timeline, faults, calls, problems }, wire);
    if (answer === "hang-up") request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    clientOptions: { ...testClientOptions(endpoint) },
    services,
    timeline,
    calls,
    count: (action) => calls.filter((call) => call.action === action).length,
    forgetCalls: () => calls.splice(0),
    inject: faults.inject,
    takeProblems: () => problems.splice(0),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      if (problems.length > 0) throw new Error(`The stand-in was called wrongly: ${problems.join("; ")}`);
    },
  };
}

/** Options of a client for a server of this machine that checks no credentials. */
export function testClientOptions(endpoint: string): AwsClientOptions {
  return {
    endpoint,
    region: STAND_IN_REGION,
    credentials: { accessKeyId: "stand-in", secretAccessKey: "means nothing" },
    retryMode: "standard",
  };
}

async function readRequest(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? "",
    url: new URL(request.url ?? "/", "http://stand-in"),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
  };
}
