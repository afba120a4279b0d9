// A migration outside a transaction that was cut off may have left an index: invalid, or built and not recorded. Run again it would fail on the name;
// so what is new since the mark, and is its work, is dropped first.
import { readFile } from "node:fs/promises";
import type { Knex } from "knex";
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { MigrationLease } from "./migration-lock.ts";
import { readMigrationFiles } from "./migration-source.ts";
import { readCompleted } from "./read-migrations.ts";

interface IndexFacts {
  readonly schema: string;
  readonly name: string;
  readonly isValid: boolean;
}

/** `schema.name` of all indexes of users' schemas. */
export async function readIndexes(client: Queryable): Promise<readonly string[]> {
  return (await indexes(client)).map((one) => `${one.schema}.${one.name}`);
}

/** Gives what was dropped. An index counts as the migration's when it is invalid, or named in its file. */
export async function cleanUpInterrupted(
  { knex, folder }: { readonly knex: Knex; readonly folder: string },
  { client, interrupted, mark }: Pick<MigrationLease, "client" | "interrupted" | "mark">,
): Promise<readonly string[]> {
  const { migration, indexesBefore } = interrupted ?? { migration: null, indexesBefore: null };
  if (migration === null || indexesBefore === null) return [];
  const isDone = (await readCompleted(client)).some((one) => one.name === migration);
  const dropped: string[] = [];
  if (!isDone) {
    const file = (await readMigrationFiles(folder)).find((one) => one.name === migration);
    const source = file === undefined ? "" : await readFile(file.path, "utf8");
    const before = new Set(indexesBefore);
    for (const index of await indexes(client)) {
      const name = `${index.schema}.${index.name}`;
      if (before.has(name) || (index.isValid && !source.includes(index.name))) continue;
      await knex.raw("DROP INDEX CONCURRENTLY IF EXISTS ??.??", [index.schema, index.name]);
      dropped.push(name);
    }
  }
  await mark(null, null);
  return dropped;
}

async function indexes(client: Queryable): Promise<readonly IndexFacts[]> {
  return queryRows<IndexFacts>(
    client,
    `SELECT n.nspname AS schema, c.relname AS name, i.indisvalid AS "isValid"
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'i' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`,
  );
}
