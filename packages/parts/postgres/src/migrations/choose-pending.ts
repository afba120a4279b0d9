// Which migrations are to be applied, from what the files and the database say.
import { MigrationChanged, MigrationDatabaseNewer } from "../errors/migration-errors.ts";
import type { MigrationFile } from "./read-migration-files.ts";

/** A row of tidegate_migrations. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** The files not applied yet, in order; throws MigrationDatabaseNewer and MigrationChanged where the two do not agree. */
export function choosePending(
  owner: string,
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const latest = Math.max(0, ...applied.map((row) => row.number));
  if (latest > files.length) throw new MigrationDatabaseNewer({ owner, applied: latest, known: files.length });
  const rowByNumber = new Map(applied.map((row) => [row.number, row]));
  for (const file of files.slice(0, latest)) {
    const row = rowByNumber.get(file.number);
    // A row removed by hand: applying it out of order could do anything.
    const was = row === undefined ? "(no longer recorded)" : describe(row);
    if (was !== describe(file))
      throw new MigrationChanged({ owner, number: file.number, applied: was, found: describe(file) });
  }
  return files.slice(latest);
}

function describe(migration: AppliedMigration): string {
  return `"${migration.name}" (checksum ${migration.checksum.slice(0, 12)}…)`;
}
