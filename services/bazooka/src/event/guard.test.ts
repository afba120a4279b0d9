// Ten thousand generated events: what is destroyed is what an independent reading of the event allows, and every refusal has a type.
import { seededRandom, TidegateError, type Random } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { planPreparation } from "../operations/prepare/plan.ts";
import type { StoresObservation } from "../types.ts";
import { parseEvent } from "./parse-event.ts";

const FLAGS = [
  "migrate",
  "rollback",
  "clear_db",
  "reset_db",
  "create_kafka_topics",
  "clear_kafka_topics",
  "clear_redis",
  "send_stateful_orders_to_vulcan",
  "force",
];
const BREAKING = ["rollback", "clear_db", "reset_db", "clear_kafka_topics", "clear_redis"];

/** Everything is there to be destroyed. */
const FULL: StoresObservation = {
  database: {
    address: "db:5432/indexer",
    name: "indexer",
    schemas: ["public"],
    tables: [{ schema: "public", name: "orders", rows: 10 }],
    kept: [],
    sessions: [],
    migrations: { completed: 1, lastBatch: { batch: 1, names: ["001.js"] }, pending: ["002.js"] },
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

type Fields = Record<string, unknown>;

const VALUES = [true, true, true, false, "true", "false", "TRUE", 1, 0, null, {}, [], "yes", [true], { value: true }];

function fields(random: Random): Fields {
  const names = FLAGS.filter(() => random.integer(0, 2) === 0);
  const event: Fields = Object.fromEntries(names.map((name) => [name, oftenTrue(random)]));
  if (random.integer(0, 5) === 0) event[misspelt(random)] = true;
  if (random.integer(0, 9) === 0)
    event[random.pick(["dryRun", "__proto__x", "constructor", "foo", "body"])] = random.pick(VALUES);
  return event;
}

const oftenTrue = (random: Random): unknown =>
  random.integer(0, 5) > 0 ? random.integer(0, 3) > 0 : random.pick(VALUES);

function misspelt(random: Random): string {
  const name = random.pick(FLAGS);
  return random.pick([
    name.toUpperCase(),
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    name.replaceAll("_", "-"),
    ` ${name}`,
    `${name}s`,
  ]);
}

function shape(random: Random, event: Fields): unknown {
  const text = JSON.stringify(event);
  switch (random.integer(0, 9)) {
    case 0:
      return { httpMethod: "POST", headers: { host: "x" }, body: text, isBase64Encoded: false };
    case 1:
      return { requestContext: {}, rawPath: "/", body: Buffer.from(text).toString("base64"), isBase64Encoded: true };
    case 2:
      return { body: text };
    case 3:
      return { requestContext: {}, ...event, body: JSON.stringify(fields(random)) };
    case 4:
      return { body: JSON.stringify({ body: text }) };
    case 5:
      return random.pick([
        { body: text.slice(1) },
        { body: "[]" },
        { body: 7 },
        [event],
        text,
        { body: text, isBase64Encoded: true },
      ]);
    default:
      return event;
  }
}

/** What the event says, read the plain way: each flag exactly `true`, at the top or in the one body. */
function saysTrue(event: unknown, flag: string): boolean {
  if (event === null || typeof event !== "object") return false;
  const given = event as Fields;
  const text = typeof given["body"] === "string" ? given["body"] : "";
  let body: unknown;
  try {
    body = JSON.parse(given["isBase64Encoded"] === true ? Buffer.from(text, "base64").toString() : text);
  } catch {
    body = undefined;
  }
  const inBody = body !== null && typeof body === "object" && (body as Fields)[flag] === true;
  return inBody || given[flag] === true;
}

describe.each([
  ["with", true],
  ["without", false],
])("10,000 generated events, %s the guard", (_, preventBreaking) => {
  const SEED = 42;
  it(`destroy only what they say and may (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const seen = { destroyed: 0, refused: new Map<string, number>(), harmless: 0 };
    for (let n = 0; n < 10_000; n++) {
      const event = shape(random, fields(random));
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
