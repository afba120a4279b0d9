// Every defect of the original, against AWS as it is documented. The ids are those of the facts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { definitionOf, imageOf } from "@tidegate/workloads/testing";
import { afterAll, describe, expect, it } from "vitest";
import { ECS_SERVICE_NAMES } from "./constants.ts";
import { createAwsTests, newDigest, refusedRoll } from "./testing/aws-tests.ts";
import { EVENT } from "./testing/open-aws-fleet.ts";

const INVOKE = new URL("testing/invoke-main.ts", import.meta.url).pathname;

/** A fleet that waits 300 ms for Bazooka, and of which Comlink writes, too. */
const HASTY = `name: hasty
platform: ecs
services:
${ECS_SERVICE_NAMES.map((name) => `  ${name}: { writer: ${["comlink", "ender", "roundtable"].includes(name)} }`).join("\n")}
limits: { functionUpdateMs: 300 }
`;
const fleetsDir = mkdtempSync(join(tmpdir(), "tidegate-fleets-"));
writeFileSync(join(fleetsDir, "hasty.yaml"), HASTY);
writeFileSync(
  join(fleetsDir, "impatient.yaml"),
  HASTY.replace("name: hasty", "name: impatient")
    .replace("comlink: { writer: true }", "comlink: { writer: false }")
    .replace("functionUpdateMs: 300", "migrateMs: 500"),
);
afterAll(() => rmSync(fleetsDir, { recursive: true }));

const { fleet, open, look, setCount, countOf, changes, failure } = createAwsTests();

describe("the original's defects", () => {
  it("A1: a migration that threw is a failure, not a success", async () => {
    await open({ bazooka: () => ({ threw: { name: "MigrationFailed", message: "column is not there" } }) });
    const error = await failure();
    expect(error.code).toBe("auxo.upgrade-failed");
    expect(error.message).toMatch(/MigrationFailed: column is not there/);
    expect(changes().some((one) => one.startsWith("RegisterTaskDefinition"))).toBe(false);
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
  });

  it("A1: an answer that does not say that it migrated is a failure, too", async () => {
    await open({ bazooka: () => ({ returned: { statusCode: 500, body: "no" } }) });
    expect((await failure()).message).toContain("did not answer that it migrated");
  });

  it("A2: a Bazooka that is not the new one in time ends the upgrade before any writer is stopped", async () => {
    await open({ updateMs: 60_000, env: { AUXO_FLEETS_DIR: fleetsDir } });
    const error = await failure({ ...EVENT, fleet: "hasty" });
    expect(error.message).toMatch(/failed while upgrading Bazooka.*No writer was stopped/s);
    expect(fleet.bazooka).toEqual([]);
    expect(changes()).toEqual(["UpdateFunctionCode"]);
  });

  it("A3: writers come back at what was desired, not at what happened to run", async () => {
    await open({ timing: { pendingMs: 400 } });
    // One runs, three are desired: in the middle of a scale-up.
    await setCount("ender", 3);
    expect((await look("ender")).runningCount).toBeLessThan(3);
    await fleet.invoke(EVENT);
    expect(await countOf("ender")).toBe(3);
  });

  it("A4: a run that was killed after the stop is made good by the next one, from the recorded tag", async () => {
    let isHanging = true;
    await open({
      bazooka: async () =>
        isHanging ? new Promise(() => undefined) : { returned: { statusCode: 200, body: '{"message":"success"}' } },
    });
    await setCount("roundtable", 2);
    const child = spawn(process.execPath, [INVOKE, JSON.stringify(EVENT)], {
      stdio: "ignore",
      env: { ...process.env, ...fleet.env },
    });
    await expect.poll(() => fleet.bazooka.length, { timeout: 20_000 }).toBe(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([0, 0]);
    isHanging = false;
    await fleet.invoke(EVENT);
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 2]);
  });

  it("A5: the database is not touched while a process of a writer still stops", async () => {
    const livingAtMigration: number[] = [];
    await open({
      timing: { stoppingMs: 400 },
      bazooka: () => {
        livingAtMigration.push(fleet.living("ender") + fleet.living("roundtable"));
        return { returned: { statusCode: 200, body: '{"message":"success"}' } };
      },
    });
    await fleet.invoke(EVENT);
    expect(livingAtMigration).toEqual([0]);
  });

  it("A6: a writer that is not there is found before anything is touched, by name", async () => {
    await open({ services: ["comlink", "roundtable", "socks", "vulcan"] });
    const error = await failure();
    expect(error.message).toMatch(/There is no service "ender"|no service.*ender/);
    expect(changes()).toEqual([]);
  });

  it("A7: each service gets its own definition, whatever the order of answers", async () => {
    await open();
    await fleet.invoke(EVENT);
    for (const name of ["comlink", "ender", "roundtable", "socks", "vulcan"]) {
      expect((await look(name)).taskDefinition).toContain(`/dev-indexer-euw1-${name}-task:2`);
    }
  });

  it("A8: an image that is pinned by digest, or comes from a registry with a port, is replaced whole", async () => {
    await open({ seeds: { comlink: { image: "registry.example:5000/dev-indexer-comlink:old" } } });
    await fleet.invoke(EVENT);
    const images = fleet.standIn.services.ecs
      .definitions(fleet.service("comlink").family)
      .map(({ definition }) => definition.containerDefinitions?.[0]?.image);
    expect(images.at(-1)).toMatch(
      /^123456789012\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/dev-indexer-comlink@sha256:[0-9a-f]{64}$/,
    );
  });

  it("A9: whatever is missing is found before anything is touched, all of it at once", async () => {
    await open();
    const error = await failure({ ...EVENT, upgrade_tag: "nowhere" });
    for (const name of ["Bazooka", "comlink", "ender", "roundtable", "socks", "vulcan"])
      expect(error.message).toContain(`the image of ${name}`);
    expect(changes()).toEqual([]);
  });

  it("A10: a definition that is newer than what runs is the base, and is shown as such", async () => {
    await open();
    const names = fleet.service("socks");
    const image = imageOf("socks", "1");
    await fleet.client.send(
      new RegisterTaskDefinitionCommand(
        definitionOf({ service: "socks", release: "terraform", image, definition: { cpu: "512" } }),
      ),
    );
    // A definition is visible a moment after it is registered.
    await expect
      .poll(async () => (await fleet.plan(EVENT)).notes?.join("\n"))
      .toMatch(/The newest revision .*socks-task:2 is not what runs \(.*socks-task:1\)/);
    await fleet.invoke(EVENT);
    const definitions = fleet.standIn.services.ecs.definitions(names.family);
    expect(definitions.at(-1)?.definition.cpu).toBe("512");
  });

  it("A11: it ends only when every service is stable on its own deployment, and says which is not", async () => {
    await open({
      behaviourOf: (image) =>
        image.includes("vulcan") && image.endsWith(newDigest("vulcan")) ? "cannot-start" : "works",
    });
    const error = await failure();
    expect(error.message).toMatch(/failed while waiting for the services to be stable: vulcan: /);
    expect(error.message).toMatch(/It was not rolled back/);
    expect(fleet.living("ender")).toBe(1);
  });

  it("A11: and goes back to the recorded revisions where that was asked for", async () => {
    await open({
      behaviourOf: (image) =>
        image.includes("vulcan") && image.endsWith(newDigest("vulcan")) ? "cannot-start" : "works",
    });
    const error = await failure({ ...EVENT, rollback: "on-failure" });
    expect(error.message).toMatch(/It was rolled back/);
    for (const name of ["comlink", "ender", "vulcan"]) expect((await look(name)).taskDefinition).toMatch(/-task:1$/);
    expect([fleet.living("ender"), await countOf("ender")]).toEqual([1, 1]);
    expect(fleet.standIn.calls.filter((call) => call.action === "lambda:UpdateFunctionCode")).toHaveLength(2);
  });

  it("A12: the count of a service that does not write is never sent", async () => {
    await open();
    await setCount("socks", 4);
    fleet.standIn.forgetCalls();
    await fleet.invoke(EVENT);
    expect(changes().filter((one) => /(socks|comlink|vulcan) \d/.test(one))).toEqual([]);
    expect(await countOf("socks")).toBe(4);
  });

  it("A13: a second upgrade at the same time is refused by the first one's lock", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    await open({
      bazooka: async (_image, event) => {
        if (event["migrate"] === true) await gate;
        return { returned: { statusCode: 200, body: '{"message":"success"}' } };
      },
    });
    const first = fleet.invoke(EVENT);
    await expect.poll(() => fleet.bazooka.length, { timeout: 10_000 }).toBe(1);
    const second = await failure({ ...EVENT, addNewKafkaTopics: true });
    release();
    expect(second.code).toBe("engine.lock-held");
    expect((await first).statusCode).toBe(200);
  });

  it("A14: the cause is not hidden by what is done about it, and one failure does not stop the rest", async () => {
    await open({ bazooka: () => ({ threw: { name: "MigrationFailed", message: "the cause" } }) });
    fleet.standIn.inject({ action: "ecs:UpdateService", calls: [3, 4], answer: "throttle" });
    const error = await failure();
    expect(error.message).toContain("the cause");
    expect(error.message).toContain("The writers run again: ender at 1, roundtable at 1.");
  });

  it("F12: a start that was refused once is made good, and the failure says so", async () => {
    await open();
    // Two stops, five rolls, then the starts.
    fleet.standIn.inject({
      action: "ecs:UpdateService",
      calls: [8],
      answer: { error: "InvalidParameterException", message: "no capacity provider", status: 400 },
    });
    const refused = await failure();
    expect(refused.message).toMatch(
      /failed while starting the writers.*The writers run again: ender at 1, roundtable at 1/s,
    );
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
  });

  it("F7: a roll that is refused half-way leaves one version writing", async () => {
    await open();
    fleet.standIn.inject(refusedRoll("roundtable"));
    const error = await failure();
    expect(error.message).toMatch(/one version writes, ender went back.*The writers run again/s);
    for (const name of ["ender", "roundtable"]) {
      expect((await look(name)).taskDefinition).toMatch(new RegExp(`${name}-task:1$`));
      expect(await countOf(name)).toBe(1);
    }
  });

  it("F2: writers stay down until an invocation whose answer was lost cannot be at work any more", async () => {
    const living: number[] = [];
    let invocations = 0;
    await open({
      timeoutSeconds: 1,
      env: { AUXO_FLEETS_DIR: fleetsDir },
      bazooka: async () => {
        invocations += 1;
        if (invocations > 1) return { threw: { name: "DatabaseBusy", message: "it is worked on" } };
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        living.push(fleet.living("ender") + fleet.living("roundtable"));
        return { returned: { statusCode: 200, body: '{"message":"success"}' } };
      },
    });
    fleet.standIn.inject({ action: "lambda:Invoke", calls: [2], answer: "hang-up" });
    const error = await failure({ ...EVENT, fleet: "impatient" });
    expect(error.message).toContain("DatabaseBusy");
    expect(error.message).toContain("The writers run again");
    expect(invocations).toBeGreaterThan(1);
    expect(living).toEqual([0]);
  });

  it("A15: Bazooka is invoked once, also when its connection drops; and again only because migrating again is harmless", async () => {
    await open();
    fleet.standIn.inject({ action: "lambda:Invoke", answer: "hang-up" });
    await fleet.invoke(EVENT);
    const invokes = fleet.standIn.calls.filter((call) => call.action === "lambda:Invoke");
    // By Auxo's own step, after the writers were seen to be down again; never by the SDK.
    expect(invokes).toHaveLength(2);
    const retried = fleet.log.filter((line) => line.at === "upgrade#migrate").map((line) => line.message);
    expect(retried).toContain("Running db migration is tried again");
  });

  it("A16: an event's headers and body are never logged", async () => {
    await open();
    await fleet.invoke({
      body: JSON.stringify(EVENT),
      headers: { authorization: "Bearer s3cret" },
      requestContext: { apiKey: "k3y" },
    });
    const text = JSON.stringify(fleet.log);
    expect(text).not.toContain("s3cret");
    expect(text).not.toContain("k3y");
    expect(text).not.toContain("not for eyes");
    expect(text).toContain("new");
  });

  it("A17: which services write is the fleet's to say", async () => {
    await open({ env: { AUXO_FLEETS_DIR: fleetsDir } });
    await fleet.invoke({ ...EVENT, fleet: "hasty" });
    expect(
      changes()
        .filter((one) => one.endsWith(" 0"))
        .toSorted(),
    ).toEqual(["UpdateService comlink 0", "UpdateService ender 0", "UpdateService roundtable 0"]);
  });
});
