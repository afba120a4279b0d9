// The settings of a local installation: where it lives, on which ports, and which real parts take the place of embedded ones.
import { join, resolve } from "node:path";
import {
  blockNumber,
  databaseUrl,
  evmAddress,
  httpUrls,
  Secret,
  setting,
  wholeNumber,
  type ValuesOf,
} from "@tidegate/kernel";
import * as z from "zod";
import { checkoutRoot } from "./checkout-root.ts";
import { SERVICE_NAMES } from "./service-names.ts";

const serviceList = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim()))
  .pipe(
    z.array(z.enum(SERVICE_NAMES, { error: `must be a comma-separated list of ${SERVICE_NAMES.join(", ")}` })).min(1),
  );

export const installationSettings = {
  home: setting({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path))
      .default(join(checkoutRoot, ".tidegate")),
    env: ["TIDEGATE_HOME"],
    flag: "home",
    describe: "Folder that holds everything the installation writes: data, logs, state",
  }),
  portBase: setting({
    schema: wholeNumber({ min: 1024, max: 65_400 }).default(7400),
    env: ["TIDEGATE_PORT_BASE"],
    flag: "port-base",
    describe: "First of the 100 ports that the installation uses on 127.0.0.1",
  }),
  only: setting({
    schema: serviceList.optional(),
    env: ["TIDEGATE_ONLY"],
    flag: "only",
    describe: `Start only these of ${SERVICE_NAMES.join(", ")}`,
  }),
  database: setting({
    schema: databaseUrl.optional(),
    env: ["DATABASE_URL"],
    describe: "PostgreSQL 15 or newer to use in the place of the embedded one",
    secret: true,
  }),
  kafkaBrokers: setting({
    schema: z
      .string({ error: "must be host:port, comma-separated" })
      .regex(/^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/, { error: "must be host:port, comma-separated" })
      .optional(),
    env: ["KAFKA_BROKER_URLS"],
    describe: "Brokers of a Kafka cluster to use in the place of the embedded one",
  }),
  redisUrl: setting({
    schema: z
      .string({ error: "must be a redis:// URL" })
      .regex(/^rediss?:\/\/\S+$/, { error: "must be a redis:// URL" })
      .transform((text) => new Secret(text))
      .optional(),
    env: ["REDIS_URL"],
    describe: "Redis server to use in the place of the embedded one",
    secret: true,
  }),
  storeDatabase: setting({
    schema: databaseUrl.optional(),
    env: ["BAZOOKA_DATABASE_URL"],
    describe: "Database that `prepare` works on; default a database of its own on the embedded PostgreSQL",
    secret: true,
  }),
  migrationsDir: setting({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path))
      .default(join(checkoutRoot, "examples/indexer-store/migrations")),
    env: ["BAZOOKA_MIGRATIONS_DIR"],
    describe: "Knex migrations that `prepare` runs; default those of the example store",
  }),
  fleetsDir: setting({
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path))
      .default(join(checkoutRoot, "fleets")),
    env: ["AUXO_FLEETS_DIR"],
    describe: "Fleets that `upgrade` knows, one YAML file each; default those of the checkout",
  }),
  rpcUrls: setting({
    schema: httpUrls.optional(),
    env: ["ETH_RPC_URL", "RPC_URL"],
    flag: "rpc-url",
    describe:
      "JSON-RPC endpoint to use in the place of the embedded chain; several, comma-separated, in the order of preference",
    secret: true,
  }),
  logsRpcUrls: setting({
    schema: httpUrls.optional(),
    env: ["LOGS_ETH_RPC_URL", "LOGS_RPC_URL"],
    flag: "logs-rpc-url",
    describe: "Endpoints for eth_getLogs alone; default the others",
    secret: true,
  }),
  chainId: setting({
    schema: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional(),
    env: ["CHAIN_ID"],
    flag: "chain-id",
    describe: "Id that the endpoint's chain must have; default 31337 for the embedded chain, otherwise not checked",
  }),
  marketAddress: setting({
    schema: evmAddress.optional(),
    env: ["BOUNDLESS_MARKET_ADDRESS", "BOUNDLESS_MARKET_ADDR", "BOUNDLESS_ADDRESS"],
    flag: "boundless-market-address",
    describe: "The market contract; required with a real endpoint, known for the embedded chain",
  }),
  startBlock: setting({
    schema: blockNumber.optional(),
    env: ["START_BLOCK"],
    flag: "start-block",
    describe: "First block to index into an empty database; default 1 on the embedded chain, else the chain's head",
  }),
  trafficRate: setting({
    schema: wholeNumber({ min: 1, max: 20 }).default(4),
    env: ["TIDEGATE_TRAFFIC_RATE"],
    flag: "traffic-rate",
    describe: "Market actions per second of the example traffic",
  }),
  trafficSeed: setting({
    schema: wholeNumber({ min: 0, max: 4_294_967_295 }).default(1),
    env: ["TIDEGATE_TRAFFIC_SEED"],
    flag: "traffic-seed",
    describe: "Seed of the example traffic; the same seed makes the same requests",
  }),
} as const;

export type InstallationConfig = ValuesOf<typeof installationSettings>;
