// From the configuration to the stores: how each is reached, and a refusal by name where it is not configured.
import { PartIsOff, Secret } from "@tidegate/kernel";
import type { KafkaConnection } from "@tidegate/kafka";
import { serverAddress } from "@tidegate/postgres";
import { redisAddress, type RedisConnection } from "@tidegate/redis";
import type { BazookaConfig } from "./config.ts";
import { SERVICE } from "./constants.ts";

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

/** One name for all that an event could work on: runs on the same stores never meet, whatever their flags. */
export function lockName(config: BazookaConfig): string {
  const database = databaseUrlOf(config);
  const parts = [
    database === undefined ? "" : serverAddress(database),
    (config.kafkaBrokers ?? []).join(","),
    config.redis === undefined ? "" : redisAddress(config.redis),
  ];
  return `bazooka:${parts.filter((part) => part !== "").join(" ")}`.slice(0, 200);
}
