// The settings that several of the services share.
import { databaseUrl, Secret, setting, wholeNumber, type ValuesOf } from "@tidegate/kernel";
import * as z from "zod";
import { FAULTS } from "./constants.ts";

export const port = wholeNumber({ min: 0, max: 65_535 });

/** Of every service. */
export const serviceSettings = {
  release: setting({
    schema: z
      .enum(["1", "2"], { error: "must be 1 or 2" })
      .transform((text): 1 | 2 => (text === "1" ? 1 : 2))
      .default(1),
    env: ["FLEET_RELEASE"],
    describe: "Which of the two releases this code is",
  }),
  version: setting({
    schema: z.string().min(1).max(128).optional(),
    env: ["FLEET_VERSION"],
    describe: "What each write names as its writer's version; default release-1 or release-2",
  }),
  instance: setting({
    schema: z.string().min(1).max(128).optional(),
    env: ["FLEET_INSTANCE"],
    describe: "Name of this instance; default from the supervisor's mark, else the process id",
  }),
  supervisorMark: setting({
    schema: z.string().optional(),
    env: ["TIDEGATE_INSTANCE"],
    describe: "Set by the supervisor: digest/service/index/spawn",
  }),
  port: setting({ schema: port.default(0), env: ["PORT"], describe: "Port on 127.0.0.1; 0 takes a free one" }),
  fault: setting({
    schema: z.enum(FAULTS, { error: `must be ${FAULTS.join(" or ")}` }).optional(),
    env: ["FLEET_FAULT"],
    describe: "Makes this release a faulty one",
  }),
} as const;

export type ServiceValues = ValuesOf<typeof serviceSettings>;

export const databaseSetting = {
  database: setting({
    schema: databaseUrl,
    env: ["FLEET_DATABASE_URL", "DATABASE_URL"],
    describe: "The fleet's PostgreSQL database",
    secret: true,
  }),
} as const;

export const kafkaSettings = {
  brokers: setting({
    schema: z
      .string({ error: "must be host:port, comma-separated" })
      .transform((text) => text.split(",").map((part) => part.trim()))
      .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, { error: "must be host:port, comma-separated" }))),
    env: ["KAFKA_BROKER_URLS"],
    describe: "Brokers of the Kafka cluster: host:port, comma-separated",
  }),
  topicPrefix: setting({
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,100}$/, { error: "must be letters, digits, dots, dashes, underscores" })
      .default(""),
    env: ["FLEET_TOPIC_PREFIX"],
    describe: "Put before the name of every topic",
  }),
} as const;

export const redisSetting = {
  redis: setting({
    schema: z
      .string({ error: "must be a redis:// URL" })
      .regex(/^rediss?:\/\/\S+$/, { error: "must be a redis:// URL" })
      .transform((text) => new Secret(text)),
    env: ["REDIS_URL"],
    describe: "Redis server that Vulcan keeps its orders in",
    secret: true,
  }),
} as const;

export const ledgerSetting = {
  ledgerDir: setting({
    schema: z.string().min(1).optional(),
    env: ["FLEET_LEDGER_DIR"],
    describe: "Folder of the ledger; default none is kept",
  }),
} as const;
