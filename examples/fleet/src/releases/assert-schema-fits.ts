// A writer looks before it begins, and what the database refuses while it writes becomes the same error.
import { queryRows, sqlStateOf, type Queryable } from "@tidegate/postgres";
import { SchemaDoesNotFit } from "../errors.ts";
import type { FleetRelease } from "./release.ts";

/** undefined_table, undefined_column, not_null_violation. Source: PostgreSQL documentation, "Error Codes". */
const MISFITS = ["42P01", "42703", "23502"];

/** Throws SchemaDoesNotFit, which names the columns that are missing. */
export async function assertSchemaFits(pool: Queryable, release: FleetRelease): Promise<void> {
  const rows = await queryRows<{ name: string }>(
    pool,
    "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = current_schema()",
  );
  const there = new Set(rows.map((row) => row.name));
  const missing = release.columns.filter((column) => !there.has(column));
  if (missing.length > 0)
    throw new SchemaDoesNotFit({ release: release.number, missing: missing.map((one) => `no column ${one}`) });
}

/** Throws SchemaDoesNotFit in the place of the database's own refusal; other errors come out unchanged. */
export async function sayingWhatDoesNotFit<T>(release: FleetRelease, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isMisfit(error)) throw error;
    const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw new SchemaDoesNotFit({ release: release.number, missing: [reason], cause: error });
  }
}

/** The schema is another than the statement was written for. */
export function isMisfit(error: unknown): boolean {
  return MISFITS.includes(sqlStateOf(error) ?? "");
}
