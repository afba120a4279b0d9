import { expect, it } from "vitest";
import { fieldAssignments } from "./field-flags.ts";

const SCHEMA = {
  properties: {
    upgrade_tag: { type: "string" },
    addNewKafkaTopics: { type: "boolean" },
    rollback: { enum: ["never", "ask"] },
    steps: { type: "integer" },
  },
};

it.each([
  [["--upgrade-tag", "v2"], ["upgrade_tag=v2"]],
  [
    ["--upgrade-tag=a=b", "--rollback", "ask"],
    ["upgrade_tag=a=b", "rollback=ask"],
  ],
  [
    ["--add-new-kafka-topics", "--steps", "3"],
    ["addNewKafkaTopics=true", "steps=3"],
  ],
  [["--addNewKafkaTopics", "false"], ["addNewKafkaTopics=false"]],
  [["--steps", "-3"], ["steps=-3"]],
  [[], []],
])("takes %j as %j", (rest, assignments) => {
  expect(fieldAssignments(rest, "upgrade", SCHEMA)).toEqual(assignments);
});

it.each([
  [["--upgrade-tags", "v2"], "upgrade has no field for --upgrade-tags; did you mean --upgrade-tag?"],
  [["stray"], "upgrade has no field for stray"],
  [["--rollback"], "--rollback needs a value"],
  [["--rollback", "--steps", "3"], "--rollback needs a value"],
])("refuses %j", (rest, message) => {
  expect(() => fieldAssignments(rest, "upgrade", SCHEMA)).toThrow(message);
});
