// The operation `prepare`: 1. database: reset, roll back, migrate, clear  2. topics: create  3. topics: clear  4. Redis: clear  5. orders to Vulcan.
import { defineOperation, type Operation, type RunContext, type RunFacts } from "@tidegate/engine";
import type { Logger } from "@tidegate/kernel";
import { clearServer } from "@tidegate/redis";
import type { BazookaConfig } from "../../config.ts";
import { actionsOf } from "../../event/actions.ts";
import { lockName, requireRedis } from "../../stores.ts";
import { bazookaInput, type BazookaInput, type PrepareResult, type StoresObservation } from "../../types.ts";
import { clearAllTopics } from "./clear-all-topics.ts";
import { observeStores } from "./observe.ts";
import { planPreparation } from "./plan.ts";
import { sendAllOrders } from "./send-all-orders.ts";
import { clearDb, migrateDb, resetDb, rollBackDb } from "./steps/change-database.ts";
import { createTopic } from "./steps/change-topics.ts";

export interface PrepareDeps {
  readonly config: BazookaConfig;
  readonly logger: Logger;
}

type Prepare = Operation<BazookaInput, StoresObservation, PrepareResult>;
type Facts = RunFacts<BazookaInput, StoresObservation>;

/** Building indexes can take hours; the operator has no deadline, and a handler lets go before its own. */
const MIGRATION_LIMIT_MS = 6 * 3_600_000;
const LIMIT_MS = 30 * 60_000;

/** A store that is away for a moment is waited for. Clearing a topic has the seed's own retries. */
const AGAIN = { attempts: 4, baseMs: 500, maxMs: 5_000 };

/** Redis was there a moment ago, when it was observed: one try more, and it counts as unreachable, after seconds. */
const REDIS_OPTIONS = { timeoutMs: 60_000, retry: { attempts: 2, baseMs: 500, maxMs: 500 } };

export function createPrepare(deps: PrepareDeps): Prepare {
  const { config } = deps;
  return defineOperation({
    name: "prepare",
    title: "Prepare or reset the stores: migrations, topics, Redis, stateful orders to Vulcan",
    input: bazookaInput,
    danger: "destroys",
    // Estimates and counts go on changing; what there is by name may not.
    volatile: [
      "database.tables.*.rows",
      "database.sessions",
      "database.holders",
      "kafka.topics.*.records",
      "redis.keys",
      "openOrders",
    ],
    observe: async (input: BazookaInput) => observeStores(config, input),
    plan: (input: BazookaInput, observation: StoresObservation) => planPreparation(input, observation, config),
    lock: (input: BazookaInput) => lockName(config, input),
    run: async (context, facts) => {
      const { database, kafka } = facts.observation;
      const isPlanned = (step: string): boolean => facts.plan.steps.some((one) => one.name === step);
      const changed = await changeDatabase(deps, context, facts, isPlanned);
      const wanted = kafka?.topics ?? [];
      const topics = await context.all(
        "create-topics",
        wanted
          .filter((topic) => isPlanned(`create-topic-${topic.name}`))
          .map((topic) => async () => {
            const options = { timeoutMs: LIMIT_MS, retry: AGAIN };
            const effect = async () => ({ topic: topic.name, ...(await createTopic(config, kafka!, topic)) });
            return context.step(`create-topic-${topic.name}`, effect, options);
          }),
      );
      const toClear = wanted.map((topic) => topic.name).filter((name) => isPlanned(`clear-topic-${name}`));
      const cleared = await clearAllTopics(deps, context, toClear);
      const { keys } = isPlanned("clear-redis")
        ? await context.step("clear-redis", async () => clearServer(requireRedis(config)), REDIS_OPTIONS)
        : { keys: 0 };
      const orders = isPlanned("send-stateful-orders") ? await sendAllOrders(config, context) : null;
      return {
        did: actionsOf(facts.input),
        database: database?.address ?? null,
        ...changed,
        topics: topics.map(({ topic, did, partitions }) => ({ topic, did, partitions })),
        clearedRecords: cleared.records,
        clearedKeys: keys,
        orders,
      };
    },
  });
}

/** In the order of the document: a rollback before the migration, the clearing after it, as it needs the tables. */
async function changeDatabase(
  { config }: PrepareDeps,
  context: RunContext,
  { observation }: Facts,
  isPlanned: (step: string) => boolean,
): Promise<Pick<PrepareResult, "resetSchemas" | "rolledBack" | "migrated" | "clearedTables">> {
  const options = { timeoutMs: LIMIT_MS, retry: AGAIN };
  const long = { timeoutMs: MIGRATION_LIMIT_MS, retry: AGAIN };
  const batch = observation.database?.migrations?.lastBatch ?? null;
  const resetSchemas = isPlanned("reset-db")
    ? await context.step("reset-db", async (step) => resetDb(config, step), options)
    : [];
  const rolledBack =
    isPlanned("rollback") && batch !== null
      ? await context.step("rollback", async (step) => rollBackDb(config, step, batch), long)
      : { names: [] };
  const migrated = isPlanned("migrate")
    ? await context.step("migrate", async (step) => migrateDb(config, step), long)
    : { names: [] };
  const clearedTables = isPlanned("clear-db")
    ? await context.step("clear-db", async (step) => clearDb(config, step), options)
    : 0;
  return { resetSchemas, rolledBack: rolledBack.names, migrated: migrated.names, clearedTables };
}
