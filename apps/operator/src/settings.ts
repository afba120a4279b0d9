// The settings of the program `operator`.
import { databaseUrl, httpUrl, setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";

export const operatorSettings = {
  host: setting({
    schema: z.string().min(1).default("127.0.0.1"),
    env: ["TIDEGATE_OPERATOR_HOST"],
    flag: "host",
    describe: "Address to listen on",
  }),
  port: setting({
    schema: wholeNumber({ min: 0, max: 65_535 }).default(7878),
    env: ["TIDEGATE_OPERATOR_PORT", "PORT"],
    flag: "port",
    describe: "Port to listen on; 0 takes a free one",
  }),
  databaseUrl: setting({
    schema: databaseUrl,
    env: ["DATABASE_URL"],
    describe: "URL of the installation's PostgreSQL database",
    secret: true,
  }),
  poolSize: setting({
    schema: wholeNumber({ min: 1, max: 100 }).default(3),
    env: ["TIDEGATE_OPERATOR_POOL_SIZE"],
    describe: "Connections to the database at most",
  }),
  chainId: setting({
    schema: z
      .string({ error: "must be a chain id (a decimal whole number)" })
      .regex(/^[1-9]\d{0,15}$/, { error: "must be a chain id (a decimal whole number)" })
      .transform(BigInt)
      .optional(),
    env: ["CHAIN_ID"],
    describe: "Chain that the database must hold; default whichever it holds",
  }),
  stateDir: setting({
    schema: z.string({ error: "must be the path of a folder" }).min(1),
    env: ["TIDEGATE_STATE_DIR"],
    flag: "state-dir",
    describe: "Folder in which the supervisor keeps the workloads' state",
  }),
  releasesDir: setting({
    schema: z.string().min(1).default("releases"),
    env: ["TIDEGATE_RELEASES_DIR"],
    flag: "releases-dir",
    describe: "Folder that holds one folder per release",
  }),
  indexerHealthUrl: setting({
    schema: httpUrl.optional(),
    env: ["MARKET_INDEXER_HEALTH_URL"],
    describe: "Health address of the market indexer; default that of the workload market-indexer",
  }),
  tokensFile: setting({
    schema: z.string().min(1).optional(),
    env: ["TIDEGATE_TOKENS_FILE"],
    flag: "tokens-file",
    describe: "File with the tokens that may use /v1 (mode 0600); without it /v1 answers 401",
  }),
  logLevel: setting({
    schema: z.enum(["debug", "info", "warn", "error"], { error: "must be debug, info, warn or error" }).default("info"),
    env: ["LOG_LEVEL"],
    flag: "log-level",
    describe: "Least level that is logged",
  }),
};
