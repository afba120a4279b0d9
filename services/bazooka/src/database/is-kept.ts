// Which tables clear_db leaves alone.
import type { TableFacts } from "../types.ts";

/** `kept` names tables as `name` or `schema.name`, as BAZOOKA_KEEP_TABLES has it. */
export function isKept(table: Pick<TableFacts, "schema" | "name">, kept: readonly string[]): boolean {
  return kept.includes(`${table.schema}.${table.name}`) || kept.includes(table.name);
}
