// Nothing is dropped: every member that the SDK's model of RegisterTaskDefinition has is carried, whatever version of the SDK it is.
import * as sdk from "@aws-sdk/client-ecs";
import { memberOf, membersOf, modelOf, sampleOf } from "@tidegate/aws/testing";
import { describe, expect, it } from "vitest";
import { RevisionInvalid } from "../errors.ts";
import { ADDED_BY_ECS, carried, inputFor } from "./revision-input.ts";

const model = modelOf(sdk);
const inputMembers = membersOf(model.operations.get("RegisterTaskDefinition")?.input ?? "unit").map((one) => one.name);
const definitionSchema =
  membersOf(model.operations.get("DescribeTaskDefinition")?.output ?? "unit")[0]?.schema ?? "unit";
const definitionMembers = membersOf(definitionSchema).map((one) => one.name);

/** A definition with every member that the model knows, to the last leaf. */
const whole = sampleOf(definitionSchema) as sdk.TaskDefinition;
const about = {
  service: "ender",
  names: { service: "s", family: "f", container: "name" },
  releaseTag: "tidegate:release",
};
const image = `r/ender@sha256:${"1".repeat(64)}`;

describe("the model of the installed SDK", () => {
  it("has the members that are listed as added by ECS, and no others that cannot be registered", () => {
    const notRegistered = definitionMembers.filter((name) => !inputMembers.includes(name));
    expect([...ADDED_BY_ECS].sort()).toEqual([...notRegistered].sort());
  });

  it("has no member to register that a description does not give, but the tags, which come beside it", () => {
    expect(inputMembers.filter((name) => !definitionMembers.includes(name))).toEqual(["tags"]);
  });
});

it("carries every member, to the last leaf, but for the one image", () => {
  const tags = [{ key: "Environment", value: "dev" }];
  const input = inputFor({ definition: whole, tags }, { release: "v2", image }, about);
  for (const name of inputMembers) expect(input, name).toHaveProperty(name);
  expect(Object.keys(input).sort()).toEqual([...inputMembers].sort());
  const { containerDefinitions, tags: newTags, ...rest } = input;
  const { containerDefinitions: oldContainers, ...oldRest } = carried(whole, []);
  expect(rest).toEqual(oldRest);
  expect(containerDefinitions).toEqual(oldContainers?.map((one) => ({ ...one, image })));
  expect(newTags).toEqual([...tags, { key: "tidegate:release", value: "v2" }]);
  const container = membersOf(containerSchema()).map((one) => one.name);
  expect(Object.keys(containerDefinitions?.[0] ?? {}).sort()).toEqual([...container].sort());
});

it("replaces the tag of the release before, and leaves those that AWS sets", () => {
  const tags = [
    { key: "aws:cloudformation:stack-name", value: "x" },
    { key: "tidegate:release", value: "v1" },
  ];
  const input = inputFor({ definition: whole, tags }, { release: "v2", image }, about);
  expect(input.tags).toEqual([{ key: "tidegate:release", value: "v2" }]);
});

it.each([
  ["no container", ["a-sidecar", "b-sidecar"], /no container of f has a name that ends/],
  ["two", ["x-service-container", "y-service-container"], /2 containers of f have a name/],
])("refuses a definition with %s", (_, names, said) => {
  const definition = { family: "f", containerDefinitions: names.map((name) => ({ name, image: "a:1" })) };
  const names2 = { service: "s", family: "f" };
  const compose = () => inputFor({ definition, tags: [] }, { release: "v2", image }, { ...about, names: names2 });
  expect(compose).toThrow(RevisionInvalid);
  expect(compose).toThrow(said);
});

function containerSchema() {
  const [list] = membersOf(definitionSchema).filter((one) => one.name === "containerDefinitions");
  const schema = list?.schema;
  return Array.isArray(schema) ? memberOf(schema[4]).schema : "unit";
}
