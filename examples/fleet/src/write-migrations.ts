// Migrations of a release after the second: those of the second, and small ones besides, so that every upgrade has one that is pending.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLEET_MIGRATIONS } from "./write-release.ts";

/** Fills the folder, and gives it. Each of the `more` adds a column that nobody reads or writes: code of release 2 works before and after it. */
export function writeMigrations({ dir, more }: { readonly dir: string; readonly more: number }): string {
  mkdirSync(dir, { recursive: true });
  cpSync(FLEET_MIGRATIONS[2], dir, { recursive: true });
  // Outside of the checkout nothing else says what kind of modules they are.
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }\n');
  for (let number = 1; number <= more; number++) {
    const name = `note_${String(number).padStart(3, "0")}`;
    writeFileSync(join(dir, `20260301${String(number).padStart(6, "0")}_add_${name}.ts`), migration(name));
  }
  return dir;
}

function migration(column: string): string {
  return `export async function up(knex) {
  await knex.schema.alterTable("ticks", (table) => table.text("${column}"));
}

export async function down(knex) {
  await knex.schema.alterTable("ticks", (table) => table.dropColumn("${column}"));
}
`;
}
