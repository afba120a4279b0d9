// The settings of the traffic.
import { httpUrl, setting, wholeNumber } from "@tidegate/kernel";
import * as z from "zod";
import { kafkaSettings, port } from "../config.ts";

export const trafficSettings = {
  ...kafkaSettings,
  ledgerDir: setting({
    schema: z.string().min(1),
    env: ["FLEET_LEDGER_DIR"],
    flag: "ledger-dir",
    describe: "Folder of the ledger",
  }),
  rate: setting({
    schema: wholeNumber({ min: 1, max: 10_000 }).default(50),
    env: ["FLEET_RATE"],
    flag: "rate",
    describe: "Messages per second",
  }),
  seed: setting({
    schema: wholeNumber({ min: 0, max: 2 ** 32 - 1 }).default(1),
    env: ["FLEET_SEED"],
    flag: "seed",
    describe: "The same seed gives the same messages, but for ids and times",
  }),
  comlink: setting({
    schema: httpUrl.optional(),
    env: ["FLEET_COMLINK_URL"],
    flag: "comlink",
    describe: "Read this Comlink, too: http://127.0.0.1:4000",
  }),
  readers: setting({
    schema: wholeNumber({ min: 1, max: 100 }).default(2),
    env: ["FLEET_READERS"],
    flag: "readers",
    describe: "How many read Comlink at once",
  }),
  readEveryMs: setting({
    schema: wholeNumber({ min: 0, max: 60_000 }).default(50),
    env: ["FLEET_READ_EVERY_MS"],
    flag: "read-every-ms",
    describe: "Pause of a reader between two requests",
  }),
  readLimitMs: setting({
    schema: wholeNumber({ min: 100, max: 3_600_000 }).default(60_000),
    env: ["FLEET_READ_LIMIT_MS"],
    flag: "read-limit-ms",
    describe: "A request that is not answered by then, with all its retries, has failed",
  }),
  socks: setting({
    schema: z
      .string({ error: "must be a ws:// URL" })
      .regex(/^wss?:\/\/\S+$/, { error: "must be a ws:// URL" })
      .optional(),
    env: ["FLEET_SOCKS_URL"],
    flag: "socks",
    describe: "Follow this Socks, too: ws://127.0.0.1:4003",
  }),
  port: setting({
    schema: port.default(0),
    env: ["PORT"],
    flag: "port",
    describe: "Port of GET /health; 0: a free one",
  }),
} as const;
