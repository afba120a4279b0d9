// How a table is named among those that clear_db leaves alone.
import type { TableFacts } from "../types.ts";

/** `kept` are `schema.name`, as chooseKept gives them. */
export function isKept(table: Pick<TableFacts, "schema" | "name">, kept: readonly string[]): boolean {
  return kept.includes(qualifiedName(table));
}

export function qualifiedName({ schema, name }: Pick<TableFacts, "schema" | "name">): string {
  return `${schema}.${name}`;
}
