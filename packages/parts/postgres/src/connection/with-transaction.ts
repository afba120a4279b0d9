// All of it or nothing of it.
import { escapeIdentifier, escapeLiteral } from "pg";
import { PostgresStatementTimeout } from "../errors/statement-errors.ts";
import { PostgresUnreachable } from "../errors/connection-errors.ts";
import { isNetworkError, mapPostgresError } from "../errors/map-postgres-error.ts";
import { poolAddress, type Pool, type PoolClient } from "./create-pool.ts";

export type Isolation = "read committed" | "repeatable read" | "serializable";

export interface TransactionOptions {
  /** Default "read committed". */
  readonly isolation?: Isolation;
  /** Default false. */
  readonly readOnly?: boolean;
  /** Settings of the server for this transaction alone, as SET LOCAL takes them: names and values of the program's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Statements of the program's own that are sent with BEGIN, in its round trip: temporary tables. */
  readonly prelude?: readonly string[];
}

/**
 * Runs `work` in one transaction: commits when it resolves, rolls back when it throws.
 *
 * Errors of pg come out mapped, errors of `work` unchanged. It does not try again by itself: wrap it in the kernel's `retry`,
 * which by default repeats what says `retry: "now"` or `"later"`.
 */
export async function withTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const address = poolAddress(pool);
  const client = await pool.connect().catch((error: unknown) => {
    throw mapPostgresError(error, address);
  });
  // pg takes its own listener off while a client is out; without one, a loss would end the process.
  let loss: Error | undefined;
  const onLoss = (error: Error): void => {
    loss = error;
  };
  client.on("error", onLoss);
  let isBroken = false;
  try {
    await client.query(begin(options));
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A socket error is ours only if our connection was lost: `work` may talk to others.
    const isForeign = loss === undefined && isNetworkError(error);
    const mapped = isForeign ? error : mapPostgresError(error, address);
    isBroken = loss !== undefined || !(await rolledBack(client, mapped));
    throw mapped;
  } finally {
    client.off("error", onLoss);
    client.release(isBroken);
  }
}

function begin(options: TransactionOptions): string {
  const isolation = (options.isolation ?? "read committed").toUpperCase();
  const begun = `BEGIN ISOLATION LEVEL ${isolation}${options.readOnly === true ? " READ ONLY" : ""}`;
  const settings = Object.entries(options.settings ?? {}).map(
    ([name, value]) => `SET LOCAL ${escapeIdentifier(name)} = ${escapeLiteral(value)}`,
  );
  return [begun, ...settings, ...(options.prelude ?? [])].join("; ");
}

/** False when the connection must not be used again: it is gone, or a statement may still be running on it. */
async function rolledBack(client: PoolClient, error: Error): Promise<boolean> {
  if (error instanceof PostgresUnreachable || error instanceof PostgresStatementTimeout) return false;
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    // The first error is the one to tell; closing the connection rolls back as well.
    return false;
  }
}
