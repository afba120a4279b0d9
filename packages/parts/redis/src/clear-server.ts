// Clears a whole Redis server, all databases, and sees that it is empty.
import { RedisNotEmpty } from "./errors/redis-errors.ts";
import { countKeys } from "./describe-server.ts";
import { redisAddress, withRedis, type RedisConnection } from "./with-redis.ts";

/** A writer that is just being stopped may still get a key in; a second flush settles that. */
const TRIES = 3;

/** Gives how many keys there were. Loaded scripts stay. Throws RedisNotEmpty when somebody keeps writing. */
export async function clearServer(connection: RedisConnection): Promise<{ readonly keys: number }> {
  return withRedis(connection, async (send) => {
    const keys = sum(await countKeys(send));
    for (let attempt = 1; ; attempt++) {
      // The keys are gone at once, and freed behind the server's back: SYNC would hold it up for as long as that takes, and its answer with it.
      await send(["FLUSHALL", "ASYNC"]);
      const left = sum(await countKeys(send));
      if (left === 0) return { keys };
      if (attempt >= TRIES) throw new RedisNotEmpty({ address: redisAddress(connection.url), keys: left });
    }
  });
}

const sum = (keys: Readonly<Record<string, number>>): number =>
  Object.values(keys).reduce((total, one) => total + one, 0);
