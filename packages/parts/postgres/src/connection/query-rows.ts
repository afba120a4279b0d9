// One statement, its rows, and errors that say whether trying again can help.
import type pg from "pg";
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import { poolAddress, type Pool } from "./create-pool.ts";

/** Anything that runs a statement: a pool, or a client within a transaction. */
export type Queryable = Pick<pg.ClientBase, "query"> | Pool;

/** Runs one statement and returns its rows; throws what `mapPostgresError` makes of a failure. */
export async function queryRows<Row extends object>(
  source: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    const result = await (source as Pool).query<Row>(text, values as unknown[]);
    return result.rows;
  } catch (error) {
    throw mapPostgresError(error, poolAddress(source as Pool));
  }
}
