// The program that fills the example's store: `node src/main.ts --orders 1000000`, the database from DATABASE_URL.
import { createLogger, databaseUrl, loadSettings, runProgram, setting, wholeNumber } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { generateStore } from "./generate-store.ts";

const settings = {
  database: setting({
    schema: databaseUrl,
    env: ["DATABASE_URL"],
    describe: "The database, migrated, with empty tables",
    secret: true,
  }),
  orders: setting({
    schema: wholeNumber({ min: 1, max: 10_000_000 }).default(1_000_000),
    env: [],
    flag: "orders",
    describe: "Open stateful orders",
  }),
  badOrders: setting({
    schema: wholeNumber({ min: 0, max: 1_000_000 }).default(0),
    env: [],
    flag: "bad-orders",
    describe: "Open orders that cannot be sent",
  }),
  seed: setting({
    schema: wholeNumber({ min: 0, max: 2_147_483_647 }).default(1),
    env: [],
    flag: "seed",
    describe: "The same seed gives the same rows",
  }),
};

const logger = createLogger({ service: "indexer-store" });

async function main(): Promise<void> {
  const { values } = loadSettings(settings, { argv: process.argv.slice(2), env: process.env });
  const pool = createPool({
    url: values.database,
    max: 1,
    applicationName: "indexer-store",
    statementTimeoutMs: 600_000,
  });
  try {
    const generated = await generateStore(pool, values);
    logger.info("main.ts#main", "Filled the store", { ...generated, badOrders: values.badOrders, seed: values.seed });
  } finally {
    await pool.end();
  }
}

await runProgram({ logger, at: "main.ts#main", main });
