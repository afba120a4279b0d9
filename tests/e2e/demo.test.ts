// The tour is a check for a machine: it ends with 0 when everything held, and with 1 when the result was broken behind its back.
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { runTidegate } from "../installation/run-tidegate.ts";

describe("demo index", () => {
  it("holds", async () => {
    const { exit, stdout, stderr } = await runTidegate(["demo", "index"]);
    expect(exit, stdout + stderr).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(14);
    expect(stderr).toMatch(/kill -9 to .*postgres/);
    expect(stderr).toMatch(/kill -9 to .*chain/);
    expect(stderr).toMatch(/kill -9 to .*market-indexer/);
    expect(stderr).toMatch(/The endpoint kept \d+ logs to itself/);
    expect(stderr).toMatch(/now the chain takes them back/);
  });

  it("fails under --sabotage, naming what is missing", async () => {
    const { exit, stdout } = await runTidegate(["demo", "index", "--sabotage"]);
    expect(exit, stdout).toBe(1);
    expect(stdout.split("\n").filter((line) => line.includes("FAILED"))).toEqual([
      expect.stringMatching(/RequestLocked.* 1 missing/),
    ]);
  });
});

describe("demo operations", () => {
  it("holds", async () => {
    const { exit, stdout, stderr } = await runTidegate(["demo", "operations"]);
    expect(exit, stdout + stderr).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stderr).toMatch(/kill -9 to the operator/);
    expect(stderr).toMatch(/waits for the approval/);
  });

  it("fails under --sabotage, naming what is missing", async () => {
    const { exit, stdout } = await runTidegate(["demo", "operations", "--sabotage"]);
    expect(exit, stdout).toBe(1);
    expect(stdout).toMatch(/FAILED .*written once/);
  });
});

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  "demo bazooka (needs Java 17, Maven and Redis)",
  () => {
    it("holds", async () => {
      const { exit, stdout, stderr } = await runTidegate(["demo", "bazooka"]);
      expect(exit, stdout + stderr).toBe(0);
      expect(stdout.trim().split("\n")).toHaveLength(8);
      expect(stderr).toMatch(/DESTROYS {2}Empties 15 tables/);
    });

    it("fails under --sabotage, naming what is missing", async () => {
      const { exit, stdout } = await runTidegate(["demo", "bazooka", "--sabotage"]);
      expect(exit, stdout).toBe(1);
      expect(stdout).toMatch(/FAILED .*every open stateful order/);
    });
  },
);

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  "demo upgrade (needs Java 17, Maven and Redis)",
  () => {
    it("holds", async () => {
      const { exit, stdout, stderr } = await runTidegate(["demo", "upgrade"]);
      expect(exit, stdout + stderr).toBe(0);
      expect(stdout.trim().split("\n")).toHaveLength(7);
      expect(stderr).toMatch(/changes {3}Through bazooka: migrates .*split_pairs/);
      expect(stderr).toMatch(/The writers paused for \d+ ms: \d+ to end, \d+ to migrate, \d+ to start/);
      expect(stderr).toMatch(/No writer runs any more; kill -9 to the operator/);
    });

    it("fails under --sabotage, naming what is missing", async () => {
      const { exit, stdout } = await runTidegate(["demo", "upgrade", "--sabotage"]);
      expect(exit, stdout).toBe(1);
      expect(stdout).toMatch(/FAILED .*every event that Kafka acknowledged.* 1 missing/);
    });
  },
);
