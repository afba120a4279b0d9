// From the configuration to the stores: how each is reached, and a refusal by name where it is not configured.
import { PartIsOff, Secret } from "@tidegate/kernel";
import type { KafkaConnection } from "@tidegate/kafka";
import { serverAddress } from "@tidegate/postgres";
import { redisAddress, type RedisConnection } from "@tidegate/redis";
import type { BazookaConfig } from "./config.ts";
import { SERVICE } from "./constants.ts";
import { actionsOf } from "./event/actions.ts";
import type { Action, BazookaInput } from "./types.ts";

/** Undefined when neither a URL nor DB_NAME is given. */
function databaseUrlOf(config: BazookaConfig): Secret | undefined {
  if (config.database !== undefined) return config.database;
  if (config.dbName === undefined) return undefined;
  const url = new URL(`postgres://${config.dbHostname}:${config.dbPort}/${encodeURIComponent(config.dbName)}`);
  url.username = encodeURIComponent(config.dbUsername ?? "");
  url.password = encodeURIComponent(config.dbPassword?.reveal() ?? "");
  return new Secret(url.href);
}

export function requireDatabase(config: BazookaConfig): Secret {
  const url = databaseUrlOf(config);
  if (url !== undefined) return url;
  throw new PartIsOff({
    part: "database",
    reason: "the event needs it, and Bazooka was given none",
    remedy: "Set DATABASE_URL, or DB_HOSTNAME, DB_PORT, DB_NAME, DB_USERNAME and DB_PASSWORD.",
  });
}

export function requireKafka(config: BazookaConfig): KafkaConnection {
  const {
    kafkaBrokers,
    kafkaSaslMechanism: mechanism,
    kafkaSaslUsername: username,
    kafkaSaslPassword: password,
  } = config;
  if (kafkaBrokers === undefined) {
    throw new PartIsOff({
      part: "kafka",
      reason: "the event needs it, and Bazooka was given no brokers",
      remedy: "Set KAFKA_BROKER_URLS (host:port, comma-separated).",
    });
  }
  const hasLogin = mechanism !== undefined && username !== undefined && password !== undefined;
  return {
    brokers: kafkaBrokers,
    clientId: SERVICE,
    connectTimeoutMs: config.kafkaConnectTimeoutMs,
    isTls: config.kafkaTls,
    ...(hasLogin ? { login: { mechanism, username, password } } : {}),
  };
}

export function requireRedis(config: BazookaConfig): RedisConnection {
  if (config.redis !== undefined) return { url: config.redis, reconnectMs: config.redisReconnectMs };
  throw new PartIsOff({
    part: "redis",
    reason: "the event needs it, and Bazooka was given none",
    remedy: "Set REDIS_URL (redis://host:port).",
  });
}

export interface NeededStores {
  readonly database: boolean;
  readonly kafka: boolean;
  readonly redis: boolean;
}

/** What an event is about. */
export function neededStores(actions: readonly Action[]): NeededStores {
  const needs = (some: readonly Action[]): boolean => actions.some((action) => some.includes(action));
  return { database: needs(DATABASE_ACTIONS), kafka: needs(KAFKA_ACTIONS), redis: needs(["clear_redis"]) };
}

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

/**
 * The name of the first store that the event is about: runs on one database never meet, whatever else they are given. Of installations that know
 * nothing of each other, the database's own lock keeps the steps on it apart.
 */
export function lockName(config: BazookaConfig, input: BazookaInput): string | undefined {
  const needed = neededStores(actionsOf(input));
  if (needed.database) return databaseLockName(config);
  if (needed.kafka) return short(`bazooka:kafka ${requireKafka(config).brokers.toSorted().join(",")}`);
  if (needed.redis) return short(`bazooka:redis ${redisAddress(requireRedis(config).url)}`);
  return undefined;
}

export function databaseLockName(config: BazookaConfig): string {
  return short(`bazooka:database ${serverAddress(requireDatabase(config))}`);
}

const short = (name: string): string => name.slice(0, 200);
