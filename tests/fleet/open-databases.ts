// The two databases of a fleet under test: the fleet's own and the operators' journal; on the tests' server, or on one that may be killed.
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { startKillablePostgres } from "../operations/killable-postgres.ts";

export interface Databases {
  readonly fleet: Secret;
  readonly journal: Secret;
  /** SIGKILL of the server; resolves when it answers again. Undefined where it is the other tests', too. */
  readonly kill: (() => Promise<void>) | undefined;
  readonly close: () => Promise<void>;
}

export async function openDatabases({ isKillable }: { readonly isKillable: boolean }): Promise<Databases> {
  if (!isKillable) {
    const [fleet, journal] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const close = async (): Promise<void> => {
      await Promise.all([fleet.drop(), journal.drop()]);
    };
    return { fleet: fleet.url, journal: journal.url, kill: undefined, close };
  }
  const server = await startKillablePostgres();
  const pool = createPool({ url: server.url, applicationName: "ground truth", max: 1 });
  try {
    for (const name of ["fleet", "journal"]) await pool.query(`CREATE DATABASE ${name}`);
  } finally {
    await pool.end();
  }
  const named = (name: string): Secret => {
    const url = new URL(server.url.reveal());
    url.pathname = `/${name}`;
    return new Secret(url.href);
  };
  return { fleet: named("fleet"), journal: named("journal"), kill: server.kill, close: server.close };
}
