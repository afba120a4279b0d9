// A database of its own for a test, copied from a template that is prepared once per run.
import { randomBytes } from "node:crypto";
import { retry, type Secret } from "@tidegate/kernel";
import type { Client } from "pg";
import { currentTestRun, urlOfDatabase, withAdminClient, type TestRun } from "./test-run.ts";

export interface TestTemplate {
  /** One template per name and run: lower-case letters, digits and `_`. */
  readonly name: string;
  /** Fills the empty template; must close every connection to it before it resolves. */
  readonly prepare: (url: Secret) => Promise<void>;
}

export interface TestDatabaseOptions {
  /** Default: an empty database. */
  readonly template?: TestTemplate;
}

export interface TestDatabase extends AsyncDisposable {
  readonly url: Secret;
  readonly name: string;
  /** Drops it, even with connections open; close your pools first, or they report a lost connection. */
  readonly drop: () => Promise<void>;
}

/**
 * Creates a database on the run's server (tests/setup/postgres.global.ts). Drop it at the end: the run fails for one that is left.
 *
 * With a template, the first of all workers to come prepares it while the others wait (advisory lock).
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const run = currentTestRun();
  const name = `tidegate_test_${run.id}_${process.pid}_${randomBytes(4).toString("hex")}`;
  await withAdminClient(run.url, async (client) => {
    const template = options.template === undefined ? "template0" : await ensureTemplate(client, run, options.template);
    await createFrom(client, name, template);
  });
  const drop = (): Promise<void> =>
    withAdminClient(run.url, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    });
  return { url: urlOfDatabase(run.url, name), name, drop, [Symbol.asyncDispose]: drop };
}

/** A template is complete exactly when it is marked `datistemplate`; a half-prepared one of a killed worker is made again. */
async function ensureTemplate(client: Client, run: TestRun, template: TestTemplate): Promise<string> {
  const name = `tidegate_template_${run.id}_${template.name}`;
  const isComplete = async (): Promise<boolean> => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1 AND datistemplate", [name]);
    return rowCount === 1;
  };
  if (await isComplete()) return name;
  // A session lock: it ends with this connection, whatever happens to this process.
  await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
  try {
    if (await isComplete()) return name;
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
    await template.prepare(urlOfDatabase(run.url, name));
    await client.query(`ALTER DATABASE ${client.escapeIdentifier(name)} IS_TEMPLATE true`);
    return name;
  } finally {
    await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]);
  }
}

/** A template cannot be copied while somebody is connected to it (SQLSTATE 55006): autovacuum is, for moments. */
async function createFrom(client: Client, name: string, template: string): Promise<void> {
  const sql = `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${client.escapeIdentifier(template)}`;
  await retry(() => client.query(sql), {
    attempts: 20,
    baseMs: 100,
    maxMs: 1_000,
    isRetryable: (error) => (error as { code?: unknown }).code === "55006",
  });
}
