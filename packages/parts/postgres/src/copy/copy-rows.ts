// Many rows into one table, the fastest way that PostgreSQL has.
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import type { PoolClient } from "../connection/create-pool.ts";
import { copyIn } from "./copy-in.ts";
import type { CopyEncoder } from "./create-copy-encoder.ts";

export interface CopyTarget {
  readonly table: string;
  /** Default: the search path's. */
  readonly schema?: string;
  /** In the order in which the encoder got the values. */
  readonly columns: readonly string[];
  readonly rows: CopyEncoder;
}

export interface CopyRowsOptions extends CopyTarget {
  /** Within a transaction, if more than this COPY is to be atomic. */
  readonly client: PoolClient;
  /** Aborting it fails the COPY, and nothing of it is kept. */
  readonly signal?: AbortSignal;
}

/**
 * COPYs the encoder's rows and returns their number; all of them or none.
 *
 * The encoder is left as it is, for another try; `clear()` it before the next batch. With no rows nothing is sent. Throws
 * CopyRowIncomplete and what `mapPostgresError` makes of the server's answer.
 */
export async function copyRows({ client, signal, ...target }: CopyRowsOptions): Promise<number> {
  return (await copyTables({ client, signal, targets: [target] }))[0] ?? 0;
}

/** The same for several tables in one round trip, each target with an encoder of its own: the numbers in their order; all of them or none. */
export async function copyTables(options: {
  readonly client: PoolClient;
  readonly targets: readonly CopyTarget[];
  readonly signal?: AbortSignal | undefined;
}): Promise<readonly number[]> {
  const { client, targets, signal } = options;
  const copies = targets.map((target) => ({
    sql: copySql(client, target),
    frames: target.rows.frames(),
    rows: target.rows.rows,
  }));
  const full = copies.filter(({ rows }) => rows > 0);
  if (full.length === 0) return targets.map(() => 0);
  try {
    const copied = await copyIn(client, { copies: full, signal });
    return copies.map((copy) => copied[full.indexOf(copy)] ?? 0);
  } catch (error) {
    throw mapPostgresError(error);
  }
}

function copySql(client: PoolClient, { schema, table, columns }: CopyTarget): string {
  const name = [...(schema === undefined ? [] : [schema]), table]
    .map((part) => client.escapeIdentifier(part))
    .join(".");
  const list = columns.map((column) => client.escapeIdentifier(column)).join(", ");
  return `COPY ${name} (${list}) FROM STDIN (FORMAT binary)`;
}
