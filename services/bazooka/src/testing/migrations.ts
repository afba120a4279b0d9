// A database and a folder of migrations of a test's own, and `prepare` on them; what is there is seen from outside.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepContext } from "@tidegate/engine";
import { waitUntil } from "@tidegate/kernel";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import type { MigrateOptions } from "../migrations/run-migrations.ts";
import { openBazooka, type Bazooka } from "./stores.ts";

export interface MigrationsBench {
  readonly database: TestDatabase;
  /** The outside look. */
  readonly pool: Pool;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly bazooka: Bazooka;
  /** `up` and `down` are bodies of functions of `knex`; a bare one runs outside a transaction. */
  readonly write: (name: string, up: string, options?: { readonly down?: string; readonly isBare?: boolean }) => void;
  /** For migrateToLatest and rollBackBatch, as a step of this run has them. */
  readonly options: (runId: string, more?: Partial<MigrateOptions>) => MigrateOptions;
  /** In the order in which they were run. */
  readonly recorded: () => Promise<readonly string[]>;
  readonly rows: <Row extends object>(sql: string) => Promise<readonly Row[]>;
  readonly isThere: (relation: string) => Promise<boolean>;
  /** What Bazooka's sessions are doing. */
  readonly sessions: () => Promise<readonly Session[]>;
  /** Waits until one of them is seen so. */
  readonly untilSession: (what: string, is: (session: Session) => boolean) => Promise<Session>;
  readonly close: () => Promise<void>;
}

export interface Session {
  readonly pid: number;
  readonly program: string;
  readonly state: string;
  readonly query: string;
  /** "Lock" and "virtualxid", for example. */
  readonly waitType: string | null;
  readonly waitEvent: string | null;
  /** Of its last statement. */
  readonly ageMs: number;
}

/** Has one migration, which makes the table `things (n integer)`. */
export async function openMigrations(env: Readonly<Record<string, string>> = {}): Promise<MigrationsBench> {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 6 });
  const folder = mkdtempSync(join(tmpdir(), "tidegate-migrations-"));
  const all = {
    DATABASE_URL: database.url.reveal(),
    BAZOOKA_MIGRATIONS_DIR: folder,
    BAZOOKA_LOCK_TIMEOUT_MS: "200",
    ...env,
  };
  const rows: MigrationsBench["rows"] = async (sql) => queryRows(pool, sql);
  const write: MigrationsBench["write"] = (name, up, { down = "", isBare = false } = {}) => {
    const config = isBare ? "export const config = { transaction: false };\n" : "";
    const source = `export const up = async (knex) => { ${up} };\nexport const down = async (knex) => { ${down} };\n${config}`;
    writeFileSync(join(folder, name), source);
  };
  write("001_things.js", `await knex.raw("CREATE TABLE things (n integer)")`, {
    down: `await knex.raw("DROP TABLE things")`,
  });
  const sessions = async (): Promise<readonly Session[]> => rows(SESSIONS);
  return {
    database,
    pool,
    folder,
    env: all,
    bazooka: openBazooka(all),
    write,
    options: (runId, more) => ({
      pool,
      url: database.url,
      folder,
      lockTimeoutMs: 200,
      runId,
      idempotencyKey: `${runId}/migrate`,
      signal: new AbortController().signal,
      ...more,
    }),
    recorded: async () =>
      (await rows<{ name: string }>("SELECT name FROM knex_migrations ORDER BY id")).map((row) => row.name),
    rows,
    isThere: async (relation) =>
      (await rows<{ there: boolean }>(`SELECT to_regclass('${relation}') IS NOT NULL AS there`))[0]?.there === true,
    sessions,
    untilSession: async (what, is) =>
      waitUntil(async () => (await sessions()).find(is), { what, limitMs: 10_000, everyMs: 20, remedy: "-" }),
    close: async () => {
      await pool.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SESSIONS = `
  SELECT pid, application_name AS program, state, query, wait_event_type AS "waitType", wait_event AS "waitEvent",
         (extract(epoch FROM clock_timestamp() - query_start) * 1000)::float8 AS "ageMs"
    FROM pg_stat_activity
   WHERE datname = current_database() AND application_name LIKE 'tidegate bazooka%' AND backend_type = 'client backend'
   ORDER BY pid`;

/** What a step of this run has. */
export function stepOf(runId: string, step: string, signal = new AbortController().signal): StepContext {
  return {
    runId,
    step,
    idempotencyKey: `${runId}/${step}`,
    fence: { token: 1, check: async () => undefined },
    attempt: 1,
    signal,
    progress: () => undefined,
  };
}
