// Before anything else is done with a server: is it there, does it let us in, is it new enough?
import { MINIMUM_MAJOR, PostgresTooOld } from "../errors/connection-errors.ts";
import { poolAddress, type Pool } from "./create-pool.ts";
import { queryRows } from "./query-rows.ts";

export interface ServerFacts {
  /** As the server writes it: "18.4". */
  readonly version: string;
  readonly major: number;
  /** True on a standby. */
  readonly inRecovery: boolean;
}

/** Connects once; throws PostgresTooOld, PostgresUnreachable, PostgresLoginRefused or PostgresDatabaseMissing. */
export async function checkServer(pool: Pool): Promise<ServerFacts> {
  const [row] = await queryRows<{ number: number; version: string; in_recovery: boolean }>(
    pool,
    `SELECT current_setting('server_version_num')::int AS number,
            current_setting('server_version') AS version,
            pg_is_in_recovery() AS in_recovery`,
  );
  if (row === undefined) throw new Error("A SELECT without FROM returned no row");
  const major = Math.floor(row.number / 10_000);
  if (major < MINIMUM_MAJOR) throw new PostgresTooOld({ address: poolAddress(pool), version: row.version });
  return { version: row.version, major, inRecovery: row.in_recovery };
}
