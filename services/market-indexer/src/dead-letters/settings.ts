// The settings of the program `dead-letters`.
import { blockNumber, databaseUrl, setting, wholeNumber } from "@tidegate/kernel";

export const deadLetterSettings = {
  database: setting({
    schema: databaseUrl,
    env: ["DATABASE_URL"],
    flag: "db",
    describe: "The market indexer's PostgreSQL, the writer",
    secret: true,
  }),
  block: setting({
    schema: blockNumber.optional(),
    env: [],
    flag: "block",
    describe: "Block of the one that is meant, with --log-index; default all",
  }),
  logIndex: setting({
    schema: wholeNumber({ min: 0, max: 2_147_483_647 }).optional(),
    env: [],
    flag: "log-index",
    describe: "Index of the one that is meant in its block",
  }),
  limit: setting({
    schema: wholeNumber({ min: 1, max: 10_000 }).default(100),
    env: [],
    flag: "limit",
    describe: "How many are listed; default 100",
  }),
};
