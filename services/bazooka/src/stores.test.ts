import { expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { lockName } from "./stores.ts";
import { bazookaInput } from "./types.ts";

const ONE = {
  DATABASE_URL: "postgres://u:p@db:5432/indexer",
  KAFKA_BROKER_URLS: "k1:9092,k2:9092",
  REDIS_URL: "redis://r:6379",
};
const name = (env: Readonly<Record<string, string>>, event: object): string | undefined =>
  lockName(loadConfig(env, "/nowhere"), bazookaInput.parse(event));

it.each([{ migrate: true }, { clear_db: true, clear_redis: true }, { send_stateful_orders_to_vulcan: true }])(
  "two that share the database meet, whatever else they are given: %o",
  (event) => {
    expect(name(ONE, event)).toBe("bazooka:database db:5432/indexer");
    expect(name({ ...ONE, KAFKA_BROKER_URLS: "k3:9092", REDIS_URL: "redis://other:1" }, event)).toBe(name(ONE, event));
    expect(name({ ...ONE, DATABASE_URL: "postgres://u:p@db:5432/other" }, event)).not.toBe(name(ONE, event));
  },
);

it("without a database the lock is that of the cluster, without a cluster that of Redis, without anything none", () => {
  expect(name(ONE, { clear_kafka_topics: true, clear_redis: true })).toBe("bazooka:kafka k1:9092,k2:9092");
  expect(name(ONE, { clear_redis: true })).toBe("bazooka:redis r:6379");
  expect(name(ONE, {})).toBeUndefined();
});

it("the order in which brokers are named does not matter", () => {
  const other = { ...ONE, KAFKA_BROKER_URLS: "k2:9092,k1:9092" };
  expect(name(other, { create_kafka_topics: true })).toBe(name(ONE, { create_kafka_topics: true }));
});
