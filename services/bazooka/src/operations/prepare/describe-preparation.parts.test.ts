// The read-only answer to what an event would do.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestBroker } from "@tidegate/kafka/testing";
import { kafkaOff } from "@tidegate/kafka";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../config.ts";
import { openMigrations, type MigrationsBench } from "../../testing/migrations.ts";
import { bazookaInput, type BazookaEventJson } from "../../types.ts";
import { describePreparation } from "./describe-preparation.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
});
afterEach(async () => bench.close());

const describeEvent = async (event: BazookaEventJson, env: Readonly<Record<string, string>> = {}) =>
  describePreparation(loadConfig({ ...bench.env, ...env }, "/nowhere"), bazookaInput.parse(event));

describe("what an event would do", () => {
  it("names the pending migrations, and those without a way back, and changes nothing", async () => {
    await bench.bazooka.prepare({ migrate: true });
    bench.write("002_more.js", `await knex.raw("SELECT 1")`);
    writeFileSync(join(bench.folder, "003_one_way.ts"), "export const up = async (): Promise<void> => {};\n");
    const before = await bench.rows("SELECT relname FROM pg_class ORDER BY oid");
    const seen = await describeEvent({ migrate: true });
    expect(seen).toEqual({
      target: expect.stringContaining(bench.database.name) as string,
      pendingMigrations: ["002_more.js", "003_one_way.js"],
      irreversible: ["003_one_way.js"],
      topics: [],
      steps: [expect.stringMatching(/^Runs 2 pending migrations .*: 002_more\.js, 003_one_way\.js$/) as string],
    });
    expect(await bench.rows("SELECT relname FROM pg_class ORDER BY oid")).toEqual(before);
  });

  it("counts those that a rollback or a reset of the same event makes pending", async () => {
    await bench.bazooka.prepare({ migrate: true });
    bench.write("002_more.js", `await knex.raw("SELECT 1")`);
    const all = ["001_things.js", "002_more.js"];
    expect((await describeEvent({ migrate: true, rollback: true, force: true })).pendingMigrations).toEqual(all);
    expect((await describeEvent({ migrate: true, reset_db: true, force: true })).pendingMigrations).toEqual(all);
    expect((await describeEvent({ clear_db: true, force: true })).pendingMigrations).toEqual(["002_more.js"]);
  });

  it("is refused where the event is", async () => {
    await expect(describeEvent({ clear_db: true })).rejects.toMatchObject({ name: "ForceMissing" });
    await expect(describeEvent({ clear_redis: true, force: true })).rejects.toMatchObject({ name: "PartIsOff" });
  });
});

describe.skipIf(kafkaOff() !== undefined)("what an event would do to topics (needs Java 17 and Maven)", () => {
  it("names them with the partitions that are there and wanted", async () => {
    const broker = await startTestBroker();
    try {
      const env = { KAFKA_BROKER_URLS: broker.brokers.join(","), BAZOOKA_TOPICS: "one:2,two:3" };
      expect((await describeEvent({ create_kafka_topics: true }, env)).topics).toEqual([
        { name: "one", present: null, wanted: 2 },
        { name: "two", present: null, wanted: 3 },
      ]);
    } finally {
      await broker.stop();
    }
  });
});
