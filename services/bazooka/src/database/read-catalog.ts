// What there is in the database: schemas, tables, who is connected. Reads only.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { MIGRATION_TABLES, SPARED_SCHEMAS } from "../constants.ts";
import type { TableFacts } from "../types.ts";

/** Schemas of the users of this database: neither the server's, nor an extension's, nor the ones that are spared. */
export async function readSchemas(client: Queryable): Promise<readonly string[]> {
  const rows = await queryRows<{ name: string }>(
    client,
    `SELECT nspname AS name FROM pg_namespace n
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
      ORDER BY nspname`,
    [SPARED_SCHEMAS],
  );
  return rows.map((row) => row.name);
}

/**
 * Rows are the greater of the planner's estimate, which is nothing before the first ANALYZE, and of what the statistics have counted since.
 *
 * Tables that hold data: ordinary and partitioned ones of those schemas, but for the migration tables, extensions' and partitions (their parent stands for them).
 */
export async function readTables(client: Queryable, schemas: readonly string[]): Promise<readonly TableFacts[]> {
  return queryRows<TableFacts>(
    client,
    `SELECT n.nspname AS schema, c.relname AS name,
            (CASE WHEN c.relkind = 'p'
              THEN (SELECT coalesce(sum(GREATEST(0, leaf.reltuples, pg_stat_get_live_tuples(leaf.oid))), 0)
                      FROM pg_partition_tree(c.oid) t JOIN pg_class leaf ON leaf.oid = t.relid WHERE t.isleaf)
              ELSE GREATEST(0, c.reltuples, pg_stat_get_live_tuples(c.oid)) END)::float8 AS rows
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($2::text[])
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY n.nspname, c.relname`,
    [schemas, MIGRATION_TABLES],
  );
}

/** Other sessions on this database, by the name that their programs give. */
export async function readSessions(
  client: Queryable,
): Promise<ReadonlyArray<{ readonly program: string; readonly count: number }>> {
  return queryRows(
    client,
    `SELECT coalesce(nullif(application_name, ''), '(no name)') AS program, count(*)::int AS count
       FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND application_name NOT LIKE 'tidegate bazooka%'
      GROUP BY 1 ORDER BY 1`,
  );
}

/** Left by a concurrent build that was cut off. */
export async function readInvalidIndexes(client: Queryable, schemas: readonly string[]): Promise<readonly string[]> {
  const rows = await queryRows<{ name: string }>(
    client,
    `SELECT n.nspname || '.' || c.relname AS name
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT i.indisvalid AND n.nspname = ANY ($1::text[]) AND c.relkind = 'i' ORDER BY 1`,
    [schemas],
  );
  return rows.map((row) => row.name);
}
