// Upgrades that ask a person, rollbacks that go wrong themselves, and what is retried afterwards.
import { describe, expect, it } from "vitest";
import { createAwsTests, newDigest, refusedRoll } from "./testing/aws-tests.ts";
import { EVENT } from "./testing/open-aws-fleet.ts";
import { BY, messageOf, startUpgrade } from "./testing/steer-upgrade.ts";

const { fleet, open, look, countOf, setCount, changes, failure } = createAwsTests();

/** Of all services, as "comlink:1". */
const revisions = async (): Promise<readonly string[]> =>
  Promise.all(
    ["comlink", "ender", "roundtable", "socks", "vulcan"].map(
      async (name) => `${name}:${(await look(name)).taskDefinition?.at(-1)}`,
    ),
  );
const allOn = (revision: number): readonly string[] =>
  ["comlink", "ender", "roundtable", "socks", "vulcan"].map((name) => `${name}:${revision}`);
const expectWritersRun = async (): Promise<void> => {
  expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
  expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
};
const newVulcanCannotStart = (image: string): "cannot-start" | "works" =>
  image.endsWith(newDigest("vulcan")) ? "cannot-start" : "works";

describe("rollback: ask", () => {
  it("asks when a service does not become stable, and goes back when a person says so", async () => {
    await open({ behaviourOf: newVulcanCannotStart });
    const { engine, runId, waits, ended } = await startUpgrade(fleet, { rollback: "ask" });
    const wait = await waits("rollback-approval");
    expect(JSON.stringify(wait.data)).toMatch(/vulcan: .*Roll .* back to the revisions that ran before\?/);
    await engine.approve(runId, { approved: true }, BY);
    expect(messageOf(await ended())).toMatch(/vulcan: .*It was rolled back/s);
    expect(await revisions()).toEqual(allOn(1));
    await expectWritersRun();
  });

  it("leaves everything as it is when the person says no", async () => {
    await open({ behaviourOf: newVulcanCannotStart });
    const { engine, runId, waits, ended } = await startUpgrade(fleet, { rollback: "ask" });
    await waits("rollback-approval");
    await engine.approve(runId, { approved: false, comment: "we mend it forward" }, BY);
    expect(messageOf(await ended())).toMatch(/It was not rolled back: .*we mend it forward/s);
    expect(await revisions()).toEqual(allOn(2));
    await expectWritersRun();
  });
});

describe("a rollback that goes wrong", () => {
  it("says so beside the first failure, and the writers run", async () => {
    let isOldIll = false;
    await open({
      behaviourOf: (image) => {
        if (!image.includes("vulcan")) return "works";
        if (!image.endsWith(newDigest("vulcan"))) return isOldIll ? "cannot-start" : "works";
        isOldIll = true;
        return "cannot-start";
      },
    });
    const error = await failure({ ...EVENT, rollback: "on-failure" });
    expect(error.message).toMatch(/vulcan: .*The rollback failed, too: vulcan: .*The writers run again/s);
    expect(await revisions()).toEqual(allOn(1));
    await expectWritersRun();
  });
});

describe("gate: approval", () => {
  it.each([
    [true, "run.succeeded"],
    [false, /failed while seeing whether the new services are healthy: .*It was not rolled back/s],
  ])("asks whether the new services are healthy; %s", async (approved, expected) => {
    await open();
    const { engine, runId, waits, ended } = await startUpgrade(fleet, { gate: "approval" });
    await waits("health-approval");
    expect(await revisions()).toEqual(allOn(2));
    await engine.approve(runId, { approved }, BY);
    expect(messageOf(await ended())).toMatch(expected);
    await expectWritersRun();
  });
});

describe("a failed upgrade that is retried", () => {
  it("moves no writer that was started meanwhile: two versions would write side by side", async () => {
    await open();
    fleet.standIn.inject(refusedRoll("ender"));
    const { engine, runId, ended } = await startUpgrade(fleet);
    expect(messageOf(await ended())).toMatch(
      /roundtable went back to the revision that ran before.*writers run again/s,
    );
    await engine.retryFrom(runId, undefined, BY);
    expect(messageOf(await ended(2))).toMatch(
      /ender runs, and it is moved to a new revision only while no writer does/,
    );
    for (const name of ["ender", "roundtable"]) expect(await revisions()).toContain(`${name}:1`);
    await expectWritersRun();
  });

  it("can be retried from the writers' stop, and then succeeds", async () => {
    await open();
    fleet.standIn.inject(refusedRoll("ender"));
    const { engine, runId, ended } = await startUpgrade(fleet);
    await ended();
    await engine.retryFrom(runId, "stop-writers", BY);
    expect(messageOf(await ended(2))).toBe("run.succeeded");
    expect(await revisions()).toEqual(allOn(2));
    await expectWritersRun();
  });
});

it("lets an autoscaler want more of a writer than was recorded", async () => {
  await open();
  const { begun, ended } = await startUpgrade(fleet);
  await begun("await-rollout");
  await setCount("ender", 3);
  expect(messageOf(await ended())).toBe("run.succeeded");
  expect(await countOf("ender")).toBe(3);
});

it("refuses gate: checks for a fleet that has none, before anything is touched", async () => {
  await open();
  const error = await failure({ ...EVENT, gate: "checks" });
  expect(error.message).toMatch(/fleet "indexer" has no checks/);
  expect(changes()).toEqual([]);
});
