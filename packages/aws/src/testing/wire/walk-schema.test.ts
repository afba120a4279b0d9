// Values against the SDK's own model.
import * as ecs from "@aws-sdk/client-ecs";
import * as lambda from "@aws-sdk/client-lambda";
import { expect, it } from "vitest";
import { leafFromWire, leafToWire } from "./leaves.ts";
import { membersOf, modelOf } from "./model.ts";
import { walkSchema } from "./walk-schema.ts";

const model = modelOf(ecs);

function problemsOf(operation: string, side: "input" | "output", value: unknown): readonly string[] {
  const problems: string[] = [];
  const schema = model.operations.get(operation)?.[side] ?? "unit";
  const from = side === "input" ? ("wire" as const) : ("code" as const);
  walkSchema(schema, value, side, { from, leaf: side === "input" ? leafFromWire : leafToWire, problems });
  return problems;
}

it("knows the operations and errors of each client", () => {
  expect(model.operations.size).toBeGreaterThan(50);
  expect(model.errors.get("ServerException")).toMatchObject({ status: 500 });
  expect(model.errors.get("ClientException")).toMatchObject({ status: 400 });
  const functions = modelOf(lambda);
  expect(functions.errors.get("ResourceNotFoundException")).toMatchObject({ status: 404 });
  expect(functions.operations.get("Invoke")?.traits.http).toEqual([
    "POST",
    "/2015-03-31/functions/{FunctionName}/invocations",
    200,
  ]);
});

it("knows which members are required", () => {
  const required = membersOf(model.operations.get("RegisterTaskDefinition")?.input ?? "unit");
  expect(required.filter((one) => one.isRequired).map((one) => one.name)).toEqual(["family", "containerDefinitions"]);
});

it.each<[string, string, unknown, string[]]>([
  ["what fits", "DescribeServices", { services: ["a"], include: ["TAGS"] }, []],
  ["an unknown member", "DescribeServices", { services: ["a"], Include: [] }, ["input.Include is not in the model"]],
  ["a missing member", "DescribeServices", { cluster: "c" }, ["input.services is required"]],
  ["a wrong type", "UpdateService", { service: "s", desiredCount: "0" }, ["input.desiredCount is no number"]],
  ["no list", "DescribeServices", { services: "a" }, ["input.services is no list"]],
  ["a null", "UpdateService", { service: null }, ["input.service is null"]],
  [
    "an unknown member, deep inside",
    "RegisterTaskDefinition",
    { family: "f", containerDefinitions: [{ name: "n", environment: [{ name: "A", Value: "b" }] }] },
    ["input.containerDefinitions[0].environment[0].Value is not in the model"],
  ],
])("input: %s", (_, operation, value, problems) => expect(problemsOf(operation, "input", value)).toEqual(problems));

it("holds answers against the model too", () => {
  const createdAt = new Date(1_700_000_000_123);
  expect(problemsOf("DescribeServices", "output", { services: [{ serviceName: "a", createdAt }] })).toEqual([]);
  expect(problemsOf("DescribeServices", "output", { services: [{ name: "a" }] })).toEqual([
    "output.services[0].name is not in the model",
  ]);
  expect(problemsOf("DescribeServices", "output", { services: [{ createdAt: "yesterday" }] })).toEqual([
    "output.services[0].createdAt is no Date",
  ]);
});
