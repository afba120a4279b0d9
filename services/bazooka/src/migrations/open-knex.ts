// Knex on the user's database and migrations, with limits on what can wait.
import knex, { type Knex } from "knex";
import type { Secret } from "@tidegate/kernel";
import { migrationSource, type SourceHooks } from "./migration-source.ts";

export interface KnexOptions {
  readonly url: Secret;
  readonly folder: string;
  readonly lockTimeoutMs: number;
  readonly hooks: SourceHooks;
}

const CONNECT_LIMIT_MS = 10_000;

/** The sessions end within a second of our death, also in the middle of a long statement. */
export function openKnex({ url, folder, lockTimeoutMs, hooks }: KnexOptions): Knex {
  return knex({
    client: "pg",
    connection: { connectionString: url.reveal(), application_name: "tidegate bazooka migrations" },
    acquireConnectionTimeout: CONNECT_LIMIT_MS,
    pool: {
      min: 0,
      max: 2,
      afterCreate: (
        connection: { query: (sql: string, done: (error: Error | null) => void) => void },
        done: (error: Error | null, connection: unknown) => void,
      ) => {
        const limits = `SET lock_timeout = ${lockTimeoutMs}; SET client_connection_check_interval = '1s'`;
        connection.query(limits, (error) => done(error, connection));
      },
    },
    migrations: { migrationSource: migrationSource(folder, hooks) },
    log: { warn: ignore, error: ignore, debug: ignore, deprecate: ignore },
  });
}

/** Libraries never print; what fails is thrown. */
const ignore = (): void => undefined;
