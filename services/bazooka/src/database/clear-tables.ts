// Empties the tables and keeps them: all of them in one statement, so that it is all or nothing.
import { escapeIdentifier } from "pg";
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { KeptTableReferences } from "../errors.ts";
import type { TableFacts } from "../types.ts";
import { isKept } from "./is-kept.ts";
import { readSchemas, readTables } from "./read-catalog.ts";

/** Sequences go on where they were. Materialized views are refreshed, so that they show no rows that are gone. Gives how many tables were emptied. */
export async function clearTables(client: PoolClient, keep: readonly string[]): Promise<number> {
  const schemas = await readSchemas(client);
  const all = await readTables(client, schemas);
  const cleared = all.filter((table) => !isKept(table, keep));
  if (cleared.length === 0) return 0;
  await refuseDangling(client, cleared);
  await queryRows(client, `TRUNCATE ${cleared.map(quoted).join(", ")}`);
  for (const view of await readMaterializedViews(client, schemas))
    await queryRows(client, `REFRESH MATERIALIZED VIEW ${quoted(view)}`);
  return cleared.length;
}

/** A kept table that refers to a cleared one would refer to nothing; PostgreSQL refuses that too, without naming them all. */
async function refuseDangling(client: PoolClient, cleared: readonly TableFacts[]): Promise<void> {
  const names = cleared.map((table) => `${table.schema}.${table.name}`);
  const rows = await queryRows<{ referring: string; referred: string }>(
    client,
    `SELECT DISTINCT rn.nspname || '.' || r.relname AS referring, fn.nspname || '.' || f.relname AS referred
       FROM pg_constraint k
       JOIN pg_class r ON r.oid = k.conrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
       JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
      WHERE k.contype = 'f' AND NOT r.relispartition
        AND fn.nspname || '.' || f.relname = ANY ($1::text[]) AND rn.nspname || '.' || r.relname <> ALL ($1::text[])
      ORDER BY 1, 2`,
    [names],
  );
  if (rows.length > 0)
    throw new KeptTableReferences({ pairs: rows.map((row) => `${row.referring} → ${row.referred}`) });
}

/** Each after those that it reads: a view's oid is greater than that of what it was made from. */
async function readMaterializedViews(
  client: PoolClient,
  schemas: readonly string[],
): Promise<ReadonlyArray<Pick<TableFacts, "schema" | "name">>> {
  return queryRows(
    client,
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND c.relispopulated AND n.nspname = ANY ($1::text[]) ORDER BY c.oid`,
    [schemas],
  );
}

const quoted = ({ schema, name }: Pick<TableFacts, "schema" | "name">): string =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
