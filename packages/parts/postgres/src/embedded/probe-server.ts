// One look at a server on loopback: does it answer a query?
import { Client } from "pg";
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import { PostgresUnreachable } from "../errors/connection-errors.ts";
import { PostgresStatementTimeout } from "../errors/statement-errors.ts";
import { ROLE } from "./cluster-password.ts";

const ANSWER_LIMIT_MS = 5_000;

export interface LoopbackServer {
  readonly port: number;
  readonly password: string;
}

/**
 * The server's version ("18.4"), or undefined while it is away, starting, stopping or silent for `limitMs` (default 5,000); throws
 * on any other answer.
 */
export async function probeServer(server: LoopbackServer, limitMs = ANSWER_LIMIT_MS): Promise<string | undefined> {
  try {
    return await withLoopbackClient(
      server,
      async (client) => {
        const result = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
        return result.rows[0]?.version;
      },
      limitMs,
    );
  } catch (error) {
    const mapped = mapPostgresError(error, `127.0.0.1:${server.port}/postgres`);
    if (mapped instanceof PostgresUnreachable || mapped instanceof PostgresStatementTimeout) return undefined;
    throw mapped;
  }
}

/** Runs `work` with one connection to the database `postgres`; each statement has `limitMs` (default 5,000). */
export async function withLoopbackClient<T>(
  server: LoopbackServer,
  work: (client: Client) => Promise<T>,
  limitMs = ANSWER_LIMIT_MS,
): Promise<T> {
  const client = new Client({
    host: "127.0.0.1",
    port: server.port,
    user: ROLE,
    password: server.password,
    database: "postgres",
    application_name: "tidegate embedded",
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  });
  // A loss between two statements arrives here; the next statement fails with it too.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
