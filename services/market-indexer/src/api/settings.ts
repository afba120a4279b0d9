// The settings of the program `market-api`.
import { databaseUrl, setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";

export const marketApiSettings = {
  host: setting({
    schema: z.string().min(1).default("127.0.0.1"),
    env: ["MARKET_API_HOST"],
    flag: "host",
    describe: "Address to listen on; the API has no authentication of its own",
  }),
  port: setting({
    schema: wholeNumber({ min: 0, max: 65_535 }).default(8080),
    env: ["MARKET_API_PORT", "PORT"],
    flag: "port",
    describe: "Port to listen on; 0 takes a free one",
  }),
  databaseUrl: setting({
    schema: databaseUrl,
    env: ["DATABASE_READER_URL", "DB_URL", "DATABASE_URL"],
    flag: "db",
    describe: "URL of the indexer's PostgreSQL database; a reader suffices",
    secret: true,
  }),
  poolSize: setting({
    schema: wholeNumber({ min: 1, max: 100 }).default(3),
    env: ["DB_POOL_SIZE"],
    describe: "Connections to the database at most",
  }),
  chainId: setting({
    schema: z
      .string({ error: "must be a chain id (a decimal whole number)" })
      .regex(/^[1-9]\d{0,15}$/, { error: "must be a chain id (a decimal whole number)" })
      .transform(BigInt)
      .optional(),
    env: ["CHAIN_ID"],
    flag: "chain-id",
    describe: "Chain that the database must hold; default whichever it holds",
  }),
  logLevel: setting({
    schema: z.enum(["debug", "info", "warn", "error"], { error: "must be debug, info, warn or error" }).default("info"),
    env: ["LOG_LEVEL"],
    flag: "log-level",
    describe: "Least level that is logged; debug shows every request",
  }),
};
