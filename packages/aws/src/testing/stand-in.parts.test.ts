// The stand-in under the real SDK: what it refuses, what it records, how it fails on demand.
import {
  DescribeServicesCommand,
  ECSClient,
  ListTasksCommand,
  TagResourceCommand,
  type DescribeServicesCommandInput,
} from "@aws-sdk/client-ecs";
import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callAws } from "../client/call-aws.ts";
import type { ApiCall } from "../client/count-calls.ts";
import { openAwsClient } from "../client/open-aws-client.ts";
import { AwsRefusal } from "./aws-refusal.ts";
import { createStandInEcs } from "./ecs/stand-in-ecs.ts";
import { createStandIn, type StandIn, type StandInService } from "./stand-in.ts";
import { modelOf } from "./wire/model.ts";
import { restJson } from "./wire/rest-json.ts";

const invoked: lambda.InvokeCommandInput[] = [];

/** As small as a service can be; its answers travel in headers, status and body. */
const functions = (): StandInService => ({
  name: "lambda",
  model: modelOf(lambda),
  protocol: restJson(),
  operations: {
    Invoke: (input: lambda.InvokeCommandInput): Omit<lambda.InvokeCommandOutput, "$metadata"> => {
      invoked.push(input);
      return { StatusCode: 200, FunctionError: "Unhandled", Payload: Buffer.from('{"a":2}') as never };
    },
    GetFunction: (input: lambda.GetFunctionCommandInput): Omit<lambda.GetFunctionCommandOutput, "$metadata"> => {
      if (input.FunctionName !== "f")
        throw new AwsRefusal("ResourceNotFoundException", "Function not found", { Type: "User" });
      return { Configuration: { FunctionName: "f", LastUpdateStatus: "InProgress" } };
    },
    // Not what the model says.
    GetAccountSettings: () => ({ Wrong: 1 }),
  },
});

let standIn: StandIn<{ ecs: StandInService; lambda: StandInService }>;
let ecs: ECSClient;
let client: lambda.LambdaClient;
let told: ApiCall[];

beforeEach(async () => {
  standIn = await createStandIn({
    services: (timeline) => ({ ecs: createStandInEcs(timeline), lambda: functions() }),
  });
  told = [];
  const options = { ...standIn.clientOptions, maxAttempts: 3, onCall: (call: ApiCall) => told.push(call) };
  ecs = openAwsClient(ECSClient, options);
  client = openAwsClient(lambda.LambdaClient, options);
});

afterEach(async () => {
  ecs.destroy();
  client.destroy();
  await standIn.close();
});

const look = async (): Promise<unknown> =>
  callAws({ action: "ecs:ListTasks", what: "Listing tasks" }, async () =>
    ecs.send(new ListTasksCommand({ cluster: "default" })),
  );

it("refuses what the SDK's model does not have, and does not end quietly", async () => {
  const wrong = { cluster: "c" } as DescribeServicesCommandInput;
  const error = await ecs.send(new DescribeServicesCommand(wrong)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ValidationException", message: "input.services is required" });
  await expect(standIn.close()).rejects.toThrow("ecs:DescribeServices: input.services is required");
  standIn.takeProblems();
  standIn = await createStandIn({ services: (timeline) => ({ ecs: createStandInEcs(timeline), lambda: functions() }) });
});

it("notices when it answers wrongly itself", async () => {
  await client.send(new lambda.GetAccountSettingsCommand({})).catch(() => undefined);
  expect(standIn.takeProblems()).toEqual([
    "lambda:GetAccountSettings answered wrongly: output.Wrong is not in the model",
  ]);
});

it("notices calls that it does not play, and unsigned ones", async () => {
  await client.send(new lambda.ListLayersCommand({})).catch(() => undefined);
  await fetch(standIn.endpoint, { method: "GET" });
  await fetch(standIn.endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListTasks",
    },
    body: "{}",
  });
  expect(standIn.takeProblems()).toEqual([
    "lambda:ListLayers is not played by the stand-in",
    expect.stringContaining("no call of a service: GET /"),
    "ecs:ListTasks: the request is not signed",
  ]);
});

it("speaks restJson1: path, headers, status and payload", async () => {
  const answer = await client.send(
    new lambda.InvokeCommand({ FunctionName: "f", InvocationType: "RequestResponse", Payload: Buffer.from('{"a":1}') }),
  );
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(answer.Payload?.transformToString()).toBe('{"a":2}');
  expect(invoked.at(-1)).toMatchObject({ FunctionName: "f", InvocationType: "RequestResponse" });
  expect(Buffer.from(invoked.at(-1)?.Payload as Uint8Array).toString()).toBe('{"a":1}');
  const found = await client.send(new lambda.GetFunctionCommand({ FunctionName: "f" }));
  expect(found.Configuration?.LastUpdateStatus).toBe("InProgress");
  const missing = await client.send(new lambda.GetFunctionCommand({ FunctionName: "g" })).catch((e: unknown) => e);
  expect(missing).toBeInstanceOf(lambda.ResourceNotFoundException);
  expect(missing).toMatchObject({ Type: "User", $metadata: { httpStatusCode: 404 } });
});

it("records every call with its time, and the client tells each try", async () => {
  standIn.inject({ action: "ecs:ListTasks", calls: [1], answer: "throttle" });
  await expect(look()).rejects.toMatchObject({ name: "AwsRefused", details: { error: "ClusterNotFoundException" } });
  expect(standIn.calls.map(({ action, attempt, error }) => [action, attempt, error])).toEqual([
    ["ecs:ListTasks", 1, "ThrottlingException"],
    ["ecs:ListTasks", 2, "ClusterNotFoundException"],
  ]);
  expect(standIn.calls[1]?.atMs).toBeGreaterThanOrEqual(standIn.calls[0]?.atMs ?? Infinity);
  expect(told).toMatchObject([
    { service: "ecs", operation: "ListTasks", attempt: 1, throttled: true },
    { service: "ecs", operation: "ListTasks", attempt: 2, throttled: false },
  ]);
  expect(standIn.count("ecs:ListTasks")).toBe(2);
});

it("denies, throttles for ever, hangs up and answers as it is told", async () => {
  const allow = standIn.inject({ action: "ecs:ListTasks", calls: "all", answer: "deny" });
  await expect(look()).rejects.toMatchObject({ name: "AwsAccessDenied", details: { action: "ecs:ListTasks" } });
  allow();
  const flow = standIn.inject({ action: "ecs:ListTasks", calls: "all", answer: "throttle" });
  await expect(look()).rejects.toMatchObject({ name: "AwsThrottled", message: expect.stringContaining("3 times") });
  flow();
  const answer = standIn.inject({ action: "ecs:ListTasks", calls: "all", answer: "hang-up" });
  await expect(look()).rejects.toMatchObject({ name: "AwsUnreachable" });
  answer();
  standIn.inject({ action: "ecs:ListTasks", answer: { error: "InvalidParameterException", message: "no" } });
  await expect(look()).rejects.toMatchObject({ name: "AwsRefused", details: { error: "InvalidParameterException" } });
});

it("gives up on a server that does not answer in time", async () => {
  const held = await createStandIn({
    services: () => ({
      lambda: { ...functions(), operations: { GetFunction: async () => new Promise<never>(() => undefined) } },
    }),
  });
  const hasty = openAwsClient(lambda.LambdaClient, { ...held.clientOptions, maxAttempts: 1, requestTimeoutMs: 50 });
  const error = await callAws({ action: "lambda:GetFunction", what: "Looking" }, async () =>
    hasty.send(new lambda.GetFunctionCommand({ FunctionName: "f" })),
  ).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "AwsUnreachable" });
  hasty.destroy();
  await held.close();
});

it("tells that the region is missing", async () => {
  const tag = new TagResourceCommand({ resourceArn: "arn:x", tags: [] });
  const nowhere = new ECSClient({
    // What the SDK does without AWS_REGION and a profile; this machine may have them.
    region: async (): Promise<string> => Promise.reject(new Error("Region is missing")),
  });
  await expect(
    callAws({ action: "ecs:TagResource", what: "Tagging" }, async () => nowhere.send(tag)),
  ).rejects.toMatchObject({ name: "AwsRegionMissing" });
});
