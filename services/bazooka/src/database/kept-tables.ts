// Which tables clear_db leaves alone, and why a name of the allow-list cannot be followed.
import { closestName } from "@tidegate/kernel";
import { queryRows, type Queryable } from "@tidegate/postgres";
import { MIGRATION_TABLES } from "../constants.ts";
import type { TableFacts } from "../types.ts";
import { qualifiedName } from "./is-kept.ts";

/** `schema.name` of both. A partition's parent is the table that is partitioned. */
export interface TableRelation {
  readonly kind: "partition" | "inherits" | "refers";
  readonly child: string;
  readonly parent: string;
}

export interface KeptTables {
  /** `schema.name`. */
  readonly kept: readonly string[];
  /** Why names cannot be followed; nothing may be cleared then. */
  readonly problems: readonly string[];
}

/** `names` are `name` (in every schema) or `schema.name`, as BAZOOKA_KEEP_TABLES has them. TRUNCATE takes children and partitions along. */
export function chooseKept(
  tables: readonly TableFacts[],
  relations: readonly TableRelation[],
  names: readonly string[],
): KeptTables {
  const all = tables.map(qualifiedName);
  const isNamed = (table: TableFacts, name: string): boolean => qualifiedName(table) === name || table.name === name;
  const kept = new Set(tables.filter((table) => names.some((name) => isNamed(table, name))).map(qualifiedName));
  const unmatched = names.filter((name) => !tables.some((table) => isNamed(table, name)) && !isMigrationTable(name));
  const isCleared = (table: string): boolean => all.includes(table) && !kept.has(table);
  const broken = relations.flatMap(({ kind, child, parent }) => {
    if (kind === "refers" && isCleared(parent) && !isCleared(child))
      return [`${child} refers to ${parent}, which would be emptied`];
    if (kind === "inherits" && isCleared(parent) !== isCleared(child))
      return [`${child} inherits from ${parent}, and one of them would be emptied with the other`];
    return [];
  });
  return {
    kept: [...kept].toSorted(),
    problems: [...unmatched.map((name) => unmatchedText(name, tables, relations)), ...broken],
  };
}

/** They are never cleared, so naming them is no mistake. */
const isMigrationTable = (name: string): boolean =>
  (MIGRATION_TABLES as readonly string[]).includes(name.slice(name.indexOf(".") + 1));

function unmatchedText(name: string, tables: readonly TableFacts[], relations: readonly TableRelation[]): string {
  const partition = relations.find(
    ({ kind, child }) => kind === "partition" && (child === name || child.endsWith(`.${name}`)),
  );
  if (partition !== undefined) return `${name} is a partition of ${partition.parent}, which is emptied as a whole`;
  const near = closestName(
    name,
    tables.map((table) => (name.includes(".") ? qualifiedName(table) : table.name)),
  );
  return `there is no table ${name}${near === undefined ? "" : ` (did you mean ${near}?)`}`;
}

/** Between tables of any schema; foreign keys of partitions are those of what is partitioned. */
export async function readRelations(client: Queryable): Promise<readonly TableRelation[]> {
  return queryRows<TableRelation>(
    client,
    `WITH pairs AS (
        SELECT CASE WHEN c.relispartition THEN 'partition' ELSE 'inherits' END AS kind, c.oid AS child,
               CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE i.inhparent END AS parent
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind IN ('r', 'p')
        UNION
        SELECT 'refers', coalesce(pg_partition_root(conrelid)::oid, conrelid), coalesce(pg_partition_root(confrelid)::oid, confrelid)
          FROM pg_constraint WHERE contype = 'f')
      SELECT kind, cn.nspname || '.' || c.relname AS child, pn.nspname || '.' || p.relname AS parent
        FROM pairs JOIN pg_class c ON c.oid = pairs.child JOIN pg_namespace cn ON cn.oid = c.relnamespace
        JOIN pg_class p ON p.oid = pairs.parent JOIN pg_namespace pn ON pn.oid = p.relnamespace
       WHERE pairs.child <> pairs.parent ORDER BY 1, 2, 3`,
  );
}
