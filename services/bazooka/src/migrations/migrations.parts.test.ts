// Migrations beside other holders of locks, killed in the middle, with concurrent index builds, and the lock that a killed Knex leaves.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBazooka, type Bazooka } from "../testing/stores.ts";
import { migrateToLatest } from "./run-migrations.ts";

let database: TestDatabase;
let pool: Pool;
let folder: string;
let bazooka: Bazooka;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 4 });
  folder = mkdtempSync(join(tmpdir(), "tidegate-migrations-"));
  bazooka = openBazooka({
    DATABASE_URL: database.url.reveal(),
    BAZOOKA_MIGRATIONS_DIR: folder,
    BAZOOKA_LOCK_TIMEOUT_MS: "200",
  });
  write(
    "001_things.js",
    'up = (knex) => knex.schema.createTable("things", (t) => t.integer("n"))',
    'knex.schema.dropTable("things")',
  );
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const messageOf = (outcome: unknown): string => (outcome as { error: Error }).error.message;

function write(name: string, up: string, down: string, more = ""): void {
  writeFileSync(join(folder, name), `export const ${up};\nexport const down = (knex) => ${down};\n${more}`);
}
const writeConcurrentIndex = (): void =>
  write(
    "002_index.js",
    'up = (knex) => knex.raw("CREATE INDEX CONCURRENTLY things_n ON things (n)")',
    'knex.raw("DROP INDEX things_n")',
    "export const config = { transaction: false };\n",
  );
const names = async (): Promise<readonly string[]> =>
  (await queryRows<{ name: string }>(pool, "SELECT name FROM knex_migrations ORDER BY id")).map((row) => row.name);
const isValid = async (): Promise<unknown> =>
  queryRows(pool, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_n'::regclass");

describe("the names of migrations", () => {
  it("end in .js whether they are TypeScript or built from it, so that both drive one database", async () => {
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["001_things.js"]);
    rmSync(join(folder, "001_things.js"));
    writeFileSync(
      join(folder, "001_things.ts"),
      "export const up = async (): Promise<void> => {};\nexport const down = up;\n",
    );
    expect((await bazooka.plan({ migrate: true })).draft.steps).toEqual([]);
    expect(await bazooka.prepare({ migrate: true })).toMatchObject({ migrated: [] });
  });

  it("are taken from CommonJS files, too", async () => {
    writeFileSync(
      join(folder, "002_common.cjs"),
      'exports.up = (knex) => knex.raw("SELECT 1"); exports.down = exports.up;',
    );
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["001_things.js", "002_common.js"]);
  });
});

describe("a migration that fails", () => {
  it("says which and why, takes the batch back, frees the lock, and goes on when it is mended", async () => {
    write("002_broken.js", 'up = (knex) => knex.raw("SELECT * FROM nowhere")', 'knex.raw("SELECT 1")');
    const outcome = await bazooka.run({ migrate: true });
    expect(outcome).toMatchObject({ state: "failed", error: { name: "MigrationFailed" } });
    expect(messageOf(outcome)).toContain('relation "nowhere" does not exist');
    expect(await names()).toEqual([]);
    expect(await queryRows(pool, "SELECT is_locked FROM knex_migrations_lock")).toEqual([{ is_locked: 0 }]);
    // Under another extension, as the test runner keeps a module that it has loaded; the name in the record is the same.
    rmSync(join(folder, "002_broken.js"));
    write("002_broken.mjs", 'up = (knex) => knex.raw("SELECT 1")', 'knex.raw("SELECT 1")');
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["001_things.js", "002_broken.js"]);
  });
});

describe("a lock that a migration needs", () => {
  const alter = (): void =>
    write("002_alter.js", 'up = (knex) => knex.raw("ALTER TABLE things ADD COLUMN m int")', 'knex.raw("SELECT 1")');

  it("is not waited for without a limit: it is tried again, and got when it is free", async () => {
    await bazooka.prepare({ migrate: true });
    alter();
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const holding = withTransaction(pool, async (client) => {
      await queryRows(client, "SELECT * FROM things");
      await free;
    });
    const running = bazooka.prepare({ migrate: true });
    setTimeout(resolve, 900);
    expect((await running).migrated).toEqual(["002_alter.js"]);
    await holding;
  });
});

describe("a lock that stays held", () => {
  it("ends the tries with an error that says so, long before the holder lets go", async () => {
    await bazooka.prepare({ migrate: true });
    write("002_alter.js", 'up = (knex) => knex.raw("ALTER TABLE things ADD COLUMN m int")', 'knex.raw("SELECT 1")');
    const holder = await pool.connect();
    try {
      await queryRows(holder, "BEGIN");
      await queryRows(holder, "SELECT * FROM things");
      const options = {
        pool,
        url: database.url,
        folder,
        lockTimeoutMs: 50,
        runId: "r",
        idempotencyKey: "r/migrate",
        signal: AbortSignal.timeout(45_000),
      };
      await expect(migrateToLatest(options)).rejects.toMatchObject({ name: "MigrationFailed", retry: "later" });
    } finally {
      holder.release(true);
    }
  });
});

describe("migrations outside a transaction", () => {
  it("run, and leave a valid index", async () => {
    writeConcurrentIndex();
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["001_things.js", "002_index.js"]);
    expect(await isValid()).toEqual([{ indisvalid: true }]);
  });

  it("that were cut off are begun again: their invalid index is dropped first", async () => {
    await bazooka.prepare({ migrate: true });
    await interrupted("CREATE INDEX CONCURRENTLY things_n ON things (n)", false);
    writeConcurrentIndex();
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["002_index.js"]);
    expect(await isValid()).toEqual([{ indisvalid: true }]);
  });

  it("that were killed between their work and its record are begun again, too", async () => {
    await bazooka.prepare({ migrate: true });
    await interrupted("CREATE INDEX things_n ON things (n)", true);
    writeConcurrentIndex();
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["002_index.js"]);
    expect(await isValid()).toEqual([{ indisvalid: true }]);
  });

  it("leave indexes of others alone", async () => {
    await bazooka.prepare({ migrate: true });
    await interrupted("CREATE INDEX somebody_elses ON things (n)", true);
    writeConcurrentIndex();
    await bazooka.prepare({ migrate: true });
    expect(
      await queryRows(pool, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'somebody_elses'::regclass"),
    ).toEqual([{ indisvalid: true }]);
  });

  it("show an invalid index in the plan", async () => {
    await bazooka.prepare({ migrate: true });
    await invalidIndex();
    writeConcurrentIndex();
    const { draft } = await bazooka.plan({ migrate: true });
    expect(draft.notes?.join()).toContain("Invalid indexes of an interrupted build: public.things_n.");
  });

  /** As a run of ours leaves it that was killed: the mark, Knex's flag, and the index. */
  async function interrupted(sql: string, isValidIndex: boolean): Promise<void> {
    await queryRows(
      pool,
      `INSERT INTO tidegate_bazooka.migrating (run_id, host, pid, migration, indexes_before) VALUES ('killed', 'here', 1, '002_index.js', '{}')`,
    );
    await queryRows(pool, "UPDATE knex_migrations_lock SET is_locked = 1");
    await queryRows(
      pool,
      "UPDATE tidegate_bazooka.migrating SET knex_flag = (SELECT xmin::text FROM knex_migrations_lock)",
    );
    if (isValidIndex) await queryRows(pool, sql);
    else await invalidIndex();
  }

  /** A unique build over doubles fails, and leaves its index invalid. */
  async function invalidIndex(): Promise<void> {
    await queryRows(pool, "INSERT INTO things VALUES (1), (1)");
    await queryRows(pool, "CREATE UNIQUE INDEX CONCURRENTLY things_n ON things (n)").catch(() => undefined);
    expect(await isValid()).toEqual([{ indisvalid: false }]);
  }
});

describe("the migration lock", () => {
  it("that a killed Knex left set is told with its remedy, and freed by the operation unlock", async () => {
    await bazooka.prepare({ migrate: true });
    write("002_more.js", 'up = (knex) => knex.raw("SELECT 1")', 'knex.raw("SELECT 1")');
    await queryRows(pool, "UPDATE knex_migrations_lock SET is_locked = 1");
    const options = {
      pool,
      url: database.url,
      folder,
      lockTimeoutMs: 200,
      runId: "r",
      idempotencyKey: "r/migrate",
      signal: new AbortController().signal,
    };
    await expect(migrateToLatest(options)).rejects.toMatchObject({
      name: "MigrationsLocked",
      remedy: expect.stringContaining("tidegate run unlock") as string,
    });
    const plan = await bazooka.engine.plan("unlock", {}, { by: "tests" });
    expect(plan.draft).toMatchObject({ summary: expect.stringContaining("plain Knex") as string });
    const { runId } = await bazooka.engine.start("unlock", {}, { by: "tests" });
    expect(await bazooka.engine.wait(runId, { timeoutMs: 20_000 })).toMatchObject({ result: { wasLocked: true } });
    expect((await bazooka.prepare({ migrate: true })).migrated).toEqual(["002_more.js"]);
    expect((await bazooka.engine.plan("unlock", {}, { by: "tests" })).draft.steps).toEqual([]);
  });

  it("names who holds it, and unlock does not take it from the living", async () => {
    await bazooka.prepare({ migrate: true });
    const holder = await pool.connect();
    try {
      await queryRows(holder, "SELECT pg_advisory_lock(hashtextextended('tidegate_bazooka.database', 0))");
      await queryRows(pool, "UPDATE knex_migrations_lock SET is_locked = 1");
      await queryRows(
        pool,
        "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid) VALUES ('run-7', 'machine-3', 42)",
      );
      const { runId } = await bazooka.engine.start("unlock", {}, { by: "tests" });
      const outcome = await bazooka.engine.wait(runId, { timeoutMs: 20_000 });
      expect(outcome).toMatchObject({ state: "failed", error: { name: "MigrationsLocked" } });
      expect(messageOf(outcome)).toMatch(/by run run-7 on machine-3 \(pid 42\), since 20/);
      expect(await queryRows(pool, "SELECT is_locked FROM knex_migrations_lock")).toEqual([{ is_locked: 1 }]);
    } finally {
      holder.release(true);
    }
  });

  it("lets one migrate at a time", async () => {
    write("002_slow.js", 'up = (knex) => knex.raw("SELECT pg_sleep(0.5)")', 'knex.raw("SELECT 1")');
    const options = (runId: string) => ({
      pool,
      url: database.url,
      folder,
      lockTimeoutMs: 5_000,
      runId,
      idempotencyKey: `${runId}/migrate`,
      signal: new AbortController().signal,
    });
    const both = await Promise.all([migrateToLatest(options("a")), migrateToLatest(options("b"))]);
    expect(both.map((one) => one.names.length).toSorted((a, b) => a - b)).toEqual([0, 2]);
  });
});

describe("a run that is killed between two migrations", () => {
  it("goes on in the same batch, so that a rollback takes back all of it", async () => {
    const { signal } = new AbortController();
    const options = (runId: string) => ({
      pool,
      url: database.url,
      folder,
      lockTimeoutMs: 200,
      runId,
      idempotencyKey: `${runId}/migrate`,
      signal,
    });
    await migrateToLatest(options("earlier"));
    // As it is left by a run that was killed after the first of two: recorded, under its batch, with its mark.
    write("002_first.js", 'up = (knex) => knex.raw("SELECT 1")', 'knex.raw("SELECT 1")');
    write("003_second.js", 'up = (knex) => knex.raw("SELECT 1")', 'knex.raw("SELECT 1")');
    await queryRows(
      pool,
      "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid, batch_before) VALUES ('killed', 'here', 1, 1)",
    );
    await queryRows(
      pool,
      "INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('002_first.js', 2, now())",
    );
    // What was done before the kill is told, too.
    expect((await migrateToLatest(options("killed"))).names).toEqual(["002_first.js", "003_second.js"]);
    expect(await queryRows(pool, "SELECT name, batch FROM knex_migrations ORDER BY id")).toEqual([
      { name: "001_things.js", batch: 1 },
      { name: "002_first.js", batch: 2 },
      { name: "003_second.js", batch: 2 },
    ]);
  });
});
