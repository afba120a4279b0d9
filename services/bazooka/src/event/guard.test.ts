// Ten thousand generated events: what is destroyed is what an independent reading of the event allows, and every refusal has a type.
import { TidegateError } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { planPreparation } from "../operations/prepare/plan.ts";
import type { StoresObservation } from "../types.ts";
import { parseEvent } from "./parse-event.ts";
import { BREAKING, randomEvents, saysTrue } from "./testing/random-events.ts";

/** Everything is there to be destroyed. */
const FULL: StoresObservation = {
  database: {
    address: "db:5432/indexer",
    name: "indexer",
    schemas: ["public"],
    tables: [{ schema: "public", name: "orders", rows: 10 }],
    kept: [],
    keptProblems: [],
    holders: [],
    sessions: [],
    migrations: { completed: 1, lastBatch: { batch: 1, names: ["001.js"], marks: ["1@1"] }, pending: ["002.js"] },
    invalidIndexes: [],
  },
  kafka: {
    clusterId: "c",
    address: "kafka:9092",
    brokers: 3,
    replicas: 3,
    wantedReplicas: 3,
    topics: [{ name: "to-ender", partitions: 1, present: 1, records: 5n }],
  },
  redis: { address: "redis:6379", server: "redis 7", role: "primary", keys: { "0": 3 } },
  openOrders: 1,
};
const STEP_OF: Readonly<Record<string, string>> = {
  rollback: "rollback",
  clear_db: "clear-db",
  reset_db: "reset-db",
  clear_kafka_topics: "clear-topic-to-ender",
  clear_redis: "clear-redis",
};

describe.each([
  ["with", true],
  ["without", false],
])("10,000 generated events, %s the guard", (_, preventBreaking) => {
  const SEED = 42;
  it(`destroy only what they say and may (seed ${SEED})`, () => {
    const seen = { destroyed: 0, refused: new Map<string, number>(), harmless: 0 };
    for (const event of randomEvents(SEED, 10_000)) {
      const where = JSON.stringify(event);
      let planned: readonly string[] = [];
      try {
        const { steps } = planPreparation(parseEvent(event), FULL, { preventBreaking });
        planned = steps.filter((step) => step.destroys).map((step) => step.name);
        if (planned.length === 0) seen.harmless++;
      } catch (error) {
        expect(error, where).toBeInstanceOf(TidegateError);
        const { code } = error as TidegateError;
        expect(["bazooka.event-invalid", "bazooka.force-missing"], where).toContain(code);
        seen.refused.set(code, (seen.refused.get(code) ?? 0) + 1);
      }
      const asked = BREAKING.filter((flag) => saysTrue(event, flag));
      for (const name of planned)
        expect(
          asked.map((flag) => STEP_OF[flag]),
          where,
        ).toContain(name);
      if (planned.length > 0) {
        seen.destroyed++;
        if (preventBreaking) expect(saysTrue(event, "force"), where).toBe(true);
      }
    }
    expect(seen.destroyed).toBeGreaterThan(500);
    expect(seen.harmless).toBeGreaterThan(300);
    expect(seen.refused.get("bazooka.event-invalid")).toBeGreaterThan(2_000);
    expect(seen.refused.get("bazooka.force-missing") ?? 0).toBeGreaterThan(preventBreaking ? 500 : -1);
  });
});
