// Many rows into one table, the fastest way that PostgreSQL has.
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import type { PoolClient } from "../connection/create-pool.ts";
import { copyIn } from "./copy-in.ts";
import type { CopyEncoder } from "./create-copy-encoder.ts";

export interface CopyRowsOptions {
  /** Within a transaction, if more than this COPY is to be atomic. */
  readonly client: PoolClient;
  readonly table: string;
  /** Default: the search path's. */
  readonly schema?: string;
  /** In the order in which the encoder got the values. */
  readonly columns: readonly string[];
  readonly rows: CopyEncoder;
  /** Aborting it fails the COPY, and nothing of it is kept. */
  readonly signal?: AbortSignal;
}

/**
 * COPYs the encoder's rows and returns their number; all of them or none.
 *
 * The encoder is left as it is, for another try; `clear()` it before the next batch. With no rows nothing is sent. Throws
 * CopyRowIncomplete and what `mapPostgresError` makes of the server's answer.
 */
export async function copyRows(options: CopyRowsOptions): Promise<number> {
  const { client, rows } = options;
  const frames = rows.frames();
  if (rows.rows === 0) return 0;
  const table = [...(options.schema === undefined ? [] : [options.schema]), options.table];
  const name = table.map((part) => client.escapeIdentifier(part)).join(".");
  const columns = options.columns.map((column) => client.escapeIdentifier(column)).join(", ");
  const sql = `COPY ${name} (${columns}) FROM STDIN (FORMAT binary)`;
  try {
    return await copyIn(client, { sql, frames, signal: options.signal });
  } catch (error) {
    throw mapPostgresError(error);
  }
}
