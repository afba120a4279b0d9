// Auxo's handler against AWS as it is documented: the contract of the document.
import { describe, expect, it } from "vitest";
import { createAwsTests } from "./testing/aws-tests.ts";
import { EVENT, OLD_BAZOOKA } from "./testing/open-aws-fleet.ts";

const { fleet, open, look, countOf, changes, failure } = createAwsTests();

describe("the document's contract", () => {
  it("answers 200 and success, and keeps the document's order of effects", async () => {
    await open();
    expect(await fleet.invoke({ body: JSON.stringify(EVENT), headers: {} })).toEqual({
      statusCode: 200,
      body: '{"message":"success"}',
    });
    const order = changes();
    const first = (what: string): number => order.findIndex((one) => one.startsWith(what));
    const last = (what: string): number => order.findLastIndex((one) => one.startsWith(what));
    expect(order[0]).toBe("UpdateFunctionCode");
    expect(order.filter((one) => one.endsWith(" 0")).toSorted()).toEqual([
      "UpdateService ender 0",
      "UpdateService roundtable 0",
    ]);
    expect(first("UpdateService ender 0")).toBeLessThan(first("Invoke"));
    expect(first("Invoke")).toBeLessThan(first("RegisterTaskDefinition"));
    expect(last("RegisterTaskDefinition")).toBeLessThan(first("UpdateService comlink"));
    expect(order.filter((one) => one.startsWith("RegisterTaskDefinition"))).toHaveLength(5);
    expect(order.slice(-2).toSorted()).toEqual(["UpdateService ender 1", "UpdateService roundtable 1"]);
    expect(fleet.bazooka.map((one) => one.event)).toEqual([{ migrate: true }]);
    expect(fleet.bazooka[0]?.image).not.toBe(OLD_BAZOOKA);
    expect(fleet.living("ender")).toBe(1);
  });

  it("asks Bazooka for topics where the event says so", async () => {
    await open();
    await fleet.invoke({ ...EVENT, addNewKafkaTopics: true });
    expect(fleet.bazooka.map((one) => one.event)).toEqual([{ migrate: true, create_kafka_topics: true }]);
  });

  it("only migrates where the event says so: Bazooka is upgraded, writers stop and start, nothing else is touched", async () => {
    await open();
    await fleet.invoke({ ...EVENT, onlyRunDbMigrationAndCreateKafkaTopics: true });
    const order = changes().filter((one) => !one.startsWith("TagResource"));
    expect(order[0]).toBe("UpdateFunctionCode");
    expect(order.slice(1, 3).toSorted()).toEqual(["UpdateService ender 0", "UpdateService roundtable 0"]);
    expect(order[3]).toBe("Invoke");
    expect(order.slice(4).toSorted()).toEqual(["UpdateService ender 1", "UpdateService roundtable 1"]);
  });

  it("waits for a task definition as long as the document's variable says, and no longer", async () => {
    await open({
      timing: { registeringMs: 600 },
      env: { MAX_TASK_DEFINITION_WAIT_TIME_MS: "300", SLEEP_TIME_MS: "50" },
    });
    const error = await failure();
    expect(error.message).toMatch(/did not happen within 300 ms/);
    expect(await countOf("ender")).toBe(1);
  });

  it("logs with at and message, at the document's points", async () => {
    await open();
    await fleet.invoke(EVENT);
    const messages = fleet.log.map((line) => line.message);
    for (const said of [
      "Event received",
      "Upgrading bazooka",
      "Successfully upgraded bazooka",
      "Stopping DB writer services",
      "Running db migration",
      "Successfully ran db migration",
      "Registering ECS task definition",
      "Updating ECS service",
      "Starting DB writer service",
      "Services upgraded",
    ])
      expect(messages).toContain(said);
    expect(fleet.log.every((line) => line.at !== "" && line.message !== "")).toBe(true);
  });

  it("needs no permission but the document's, iam:PassRole, and those of tags and tasks, which are named", async () => {
    await open();
    await fleet.invoke(EVENT);
    expect([...new Set(fleet.standIn.calls.map((call) => call.action))].toSorted()).toEqual(
      [
        "ecr:DescribeImages",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
        "lambda:GetFunction",
        "lambda:Invoke",
        "lambda:UpdateFunctionCode",
      ].toSorted(),
    );
  });
});

describe("besides", () => {
  it("records the counts as tags before the first stop", async () => {
    await open();
    await fleet.invoke(EVENT);
    const order = changes();
    expect(order.findLastIndex((one) => one.startsWith("TagResource"))).toBeLessThan(
      order.findIndex((one) => one.endsWith(" 0")),
    );
    const { tags } = await look("ender");
    expect(tags).toContainEqual({ key: "DesiredCount", value: "1" });
  });

  it("refuses to stop a writer when what is left to the invocation cannot cover the stop, the migration and the start", async () => {
    await open();
    const error = await failure(EVENT, { remainingMs: 60_000 });
    expect(error.message).toMatch(/No writer was stopped/);
    expect(changes()).toEqual(["UpdateFunctionCode"]);
  });

  it("says what the role may not do, by the action's name, before anything is touched", async () => {
    await open();
    fleet.standIn.inject({ action: "ecr:DescribeImages", calls: "all", answer: "deny" });
    const error = await failure();
    expect(error.message).toContain("ecr:DescribeImages");
    expect(changes()).toEqual([]);
  });
});
