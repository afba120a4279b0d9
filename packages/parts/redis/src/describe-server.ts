// What a Redis server is and holds; reads only.
import { redisAddress, withRedis, type RedisConnection, type Send } from "./with-redis.ts";

export interface RedisFacts {
  /** host:port. */
  readonly address: string;
  /** "redis 7.0.15", "valkey 9.1.1". */
  readonly server: string;
  readonly role: "primary" | "replica";
  /** Keys by database number; empty ones are absent. */
  readonly keys: Readonly<Record<string, number>>;
}

export async function describeServer(connection: RedisConnection): Promise<RedisFacts> {
  return withRedis(connection, async (send) => {
    const server = await info(send, "server");
    const { role } = await info(send, "replication");
    return {
      address: redisAddress(connection.url),
      server: serverName(server),
      role: role === "slave" ? "replica" : "primary",
      keys: await countKeys(send),
    };
  });
}

/** Keys of all databases, by number. */
export async function countKeys(send: Send): Promise<Readonly<Record<string, number>>> {
  const keyspace = await info(send, "keyspace");
  return Object.fromEntries(
    Object.entries(keyspace).flatMap(([name, value]) => {
      const database = /^db(\d+)$/.exec(name)?.[1];
      const keys = /^keys=(\d+)/.exec(value)?.[1];
      return database === undefined || keys === undefined ? [] : [[database, Number(keys)] as const];
    }),
  );
}

/** Source of the form: Redis documentation, INFO. */
async function info(send: Send, section: string): Promise<Readonly<Record<string, string>>> {
  const text = String(await send(["INFO", section]));
  return Object.fromEntries(
    text
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const)
      .filter(([name]) => name !== "" && !name.startsWith("#")),
  );
}

function serverName(server: Readonly<Record<string, string>>): string {
  const valkey = server["valkey_version"];
  return valkey === undefined ? `redis ${server["redis_version"] ?? "of an unknown version"}` : `valkey ${valkey}`;
}
