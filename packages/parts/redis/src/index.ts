// Redis and Valkey: looking at a server, clearing it, and the embedded one.
export { clearServer } from "./clear-server.ts";
export { describeServer, type RedisFacts } from "./describe-server.ts";
export { findServer, redisOff, type RedisOff } from "./embedded/find-server.ts";
export { installServer } from "./embedded/install-server.ts";
export { RedisLoginRefused, RedisNotEmpty, RedisRefused, RedisUnreachable } from "./errors/redis-errors.ts";
export { redisAddress, withRedis, type RedisConnection, type Send } from "./with-redis.ts";
