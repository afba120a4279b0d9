// Empties the tables and keeps them: all of them in one statement, so that it is all or nothing.
import { escapeIdentifier } from "pg";
import { queryRows, type PoolClient } from "@tidegate/postgres";
import { KeptTablesInvalid } from "../errors.ts";
import type { TableFacts } from "../types.ts";
import { isKept } from "./is-kept.ts";
import { chooseKept, readRelations } from "./kept-tables.ts";
import { readSchemas, readTables } from "./read-catalog.ts";

/**
 * Sequences go on where they were. Materialized views are refreshed, so that they show no rows that are gone. Gives how many tables were emptied.
 * Throws KeptTablesInvalid when a name of `keep` cannot be followed.
 */
export async function clearTables(client: PoolClient, keep: readonly string[]): Promise<number> {
  const schemas = await readSchemas(client);
  const all = await readTables(client, schemas);
  const { kept, problems } = chooseKept(all, await readRelations(client), keep);
  if (problems.length > 0) throw new KeptTablesInvalid({ problems });
  const cleared = all.filter((table) => !isKept(table, kept));
  if (cleared.length === 0) return 0;
  await queryRows(client, `TRUNCATE ${cleared.map(quoted).join(", ")}`);
  for (const view of await readMaterializedViews(client, schemas))
    await queryRows(client, `REFRESH MATERIALIZED VIEW ${quoted(view)}`);
  return cleared.length;
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
