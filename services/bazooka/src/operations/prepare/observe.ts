// Looks at the stores that the event is about, and at no other; reads only.
import { serverAddress, type Pool } from "@tidegate/postgres";
import { describeServer } from "@tidegate/redis";
import type { BazookaConfig } from "../../config.ts";
import { withDatabase } from "../../database/open-database.ts";
import { chooseKept, readRelations } from "../../database/kept-tables.ts";
import { readInvalidIndexes, readSchemas, readSessions, readTables } from "../../database/read-catalog.ts";
import { actionsOf } from "../../event/actions.ts";
import { readHolders } from "../../migrations/read-holders.ts";
import { readMigrations } from "../../migrations/read-migrations.ts";
import { estimateOpenOrders } from "../../orders/select-orders.ts";
import { neededStores, requireKafka, requireRedis } from "../../stores.ts";
import { observeTopics } from "../../topics/plan-topics.ts";
import type { Action, BazookaInput, DatabaseFacts, StoresObservation } from "../../types.ts";

/** Throws PartIsOff for a store that is needed and not configured, and what the stores answer. */
export async function observeStores(config: BazookaConfig, input: BazookaInput): Promise<StoresObservation> {
  const actions = actionsOf(input);
  const needed = neededStores(actions);
  const database = needed.database
    ? await withDatabase(config, async (pool, url) => ({
        facts: await observeDatabase(pool, config, serverAddress(url)),
        openOrders: await observeOrders(pool, actions),
      }))
    : null;
  return {
    database: database?.facts ?? null,
    kafka: needed.kafka ? await observeTopics(requireKafka(config), config) : null,
    redis: needed.redis ? await describeServer(requireRedis(config)) : null,
    openOrders: database?.openOrders ?? null,
  };
}

async function observeDatabase(pool: Pool, config: BazookaConfig, address: string): Promise<DatabaseFacts> {
  const schemas = await readSchemas(pool);
  const tables = await readTables(pool, schemas);
  const { kept, problems } = chooseKept(tables, await readRelations(pool), config.keepTables);
  return {
    address,
    name: decodeURIComponent(address.slice(address.indexOf("/") + 1)),
    schemas,
    tables,
    kept,
    keptProblems: problems,
    holders: await readHolders(pool),
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
