// Looks at the stores that the event is about, and at no other; reads only.
import { serverAddress, type Pool } from "@tidegate/postgres";
import { describeServer } from "@tidegate/redis";
import type { BazookaConfig } from "../../config.ts";
import { withDatabase } from "../../database/open-database.ts";
import { readInvalidIndexes, readSchemas, readSessions, readTables } from "../../database/read-catalog.ts";
import { actionsOf } from "../../event/actions.ts";
import { readMigrations } from "../../migrations/read-migrations.ts";
import { estimateOpenOrders } from "../../orders/select-orders.ts";
import { requireKafka, requireRedis } from "../../stores.ts";
import { observeTopics } from "../../topics/plan-topics.ts";
import type { Action, BazookaInput, DatabaseFacts, StoresObservation } from "../../types.ts";

const DATABASE_ACTIONS: readonly Action[] = [
  "reset_db",
  "rollback",
  "migrate",
  "clear_db",
  "send_stateful_orders_to_vulcan",
];
const KAFKA_ACTIONS: readonly Action[] = [
  "create_kafka_topics",
  "clear_kafka_topics",
  "send_stateful_orders_to_vulcan",
];

/** Throws PartIsOff for a store that is needed and not configured, and what the stores answer. */
export async function observeStores(config: BazookaConfig, input: BazookaInput): Promise<StoresObservation> {
  const actions = actionsOf(input);
  const needs = (some: readonly Action[]): boolean => actions.some((action) => some.includes(action));
  const database = needs(DATABASE_ACTIONS)
    ? await withDatabase(config, async (pool, url) => ({
        facts: await observeDatabase(pool, config, serverAddress(url)),
        openOrders: await observeOrders(pool, actions),
      }))
    : null;
  return {
    database: database?.facts ?? null,
    kafka: needs(KAFKA_ACTIONS) ? await observeTopics(requireKafka(config), config) : null,
    redis: needs(["clear_redis"]) ? await describeServer(requireRedis(config)) : null,
    openOrders: database?.openOrders ?? null,
  };
}

async function observeDatabase(pool: Pool, config: BazookaConfig, address: string): Promise<DatabaseFacts> {
  const schemas = await readSchemas(pool);
  return {
    address,
    name: decodeURIComponent(address.slice(address.indexOf("/") + 1)),
    schemas,
    tables: await readTables(pool, schemas),
    kept: config.keepTables,
    sessions: await readSessions(pool),
    migrations: await readMigrations(pool, config.migrationsDir),
    invalidIndexes: await readInvalidIndexes(pool, schemas),
  };
}

/** Before the tables are there, or after they were emptied in the same event, there is nothing to estimate. */
async function observeOrders(pool: Pool, actions: readonly Action[]): Promise<number | null> {
  if (!actions.includes("send_stateful_orders_to_vulcan")) return null;
  if (actions.some((action) => action !== "send_stateful_orders_to_vulcan" && action.endsWith("_db"))) return 0;
  const tables = await readTables(pool, await readSchemas(pool));
  const there = new Set(tables.map((table) => table.name));
  return ["orders", "subaccounts", "perpetual_markets"].every((name) => there.has(name))
    ? estimateOpenOrders(pool)
    : null;
}
