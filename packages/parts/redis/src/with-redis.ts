// One connection for one piece of work, with limits on everything that can wait.
import { TidegateError, type Secret } from "@tidegate/kernel";
import { RedisLoginRefused, RedisRefused, RedisUnreachable } from "./errors/redis-errors.ts";

export interface RedisConnection {
  /** redis[s]://[user[:password]@]host[:port][/database] */
  readonly url: Secret;
  /** Longest wait for the connection, all tries together, and for any one answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** Pause before connecting is tried again. Default 500. */
  readonly reconnectMs?: number;
}

/** Sends one command and gives its answer. */
export type Send = (command: readonly string[]) => Promise<unknown>;

/** Tries to connect, before the server counts as unreachable. */
const CONNECT_TRIES = 3;

/** host:port, without user and password; for messages and plans. */
export function redisAddress(url: Secret): string {
  const { hostname, port } = new URL(url.reveal());
  return `${hostname}:${port === "" ? "6379" : port}`;
}

/** Throws RedisUnreachable within seconds, RedisLoginRefused, RedisRefused. The connection is closed at the end. */
export async function withRedis<T>(connection: RedisConnection, work: (send: Send) => Promise<T>): Promise<T> {
  const address = redisAddress(connection.url);
  const timeoutMs = connection.timeoutMs ?? 5_000;
  // Loaded when it is needed: whoever has no work for a Redis does without its memory.
  const { createClient, ErrorReply } = await import("@redis/client");
  const client = createClient({
    url: connection.url.reveal(),
    // Servers before 6 know no other.
    RESP: 2,
    // Without a connection a command fails at once; queued, it would wait for ever.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      reconnectStrategy: (tries, cause) =>
        cause instanceof ErrorReply || tries + 1 >= CONNECT_TRIES ? cause : (connection.reconnectMs ?? 500),
    },
  });
  let lastError: unknown;
  let isLate = false;
  client.on("error", (error: unknown) => {
    lastError = error;
  });
  const map = (error: unknown, command: string): unknown => {
    if (error instanceof TidegateError) return error;
    // The library wraps what the server answered to its greeting; the event carries it.
    const reply = [error, lastError].find((one) => one instanceof ErrorReply);
    if (reply !== undefined) {
      const said = reply.message.replace(/\.$/, "");
      if (/^(WRONGPASS|NOAUTH)|invalid username-password/.test(said))
        return new RedisLoginRefused({ address, said, cause: error });
      return new RedisRefused({ address, command, said, cause: error });
    }
    const reason = isLate ? `no connection within ${timeoutMs} ms` : innermost(lastError ?? error);
    return new RedisUnreachable({ address, reason, cause: error });
  };
  try {
    // An address where nobody answers swallows each try for as long as it may take: together they have one limit.
    const timer = setTimeout(() => {
      isLate = true;
      client.destroy();
    }, timeoutMs);
    try {
      await client.connect();
    } catch (error) {
      throw map(error, "the connection");
    } finally {
      clearTimeout(timer);
    }
    return await work(async (command) => {
      try {
        return await client.sendCommand([...command]);
      } catch (error) {
        throw map(error, command.join(" "));
      }
    });
  } finally {
    if (client.isOpen) client.destroy();
  }
}

function innermost(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
