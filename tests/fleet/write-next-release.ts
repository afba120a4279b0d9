// Releases after the second: its code, and one migration more each, so that every upgrade has a database to migrate.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FLEET_MIGRATIONS } from "@tidegate/fleet-example";
import type { FleetUnderTest } from "./open-fleet.ts";

/** Writes release `v<number>`, from 3 on, with the migrations of all before it; gives its tag. `folder` is the caller's to remove. */
export function writeNextRelease(fleet: FleetUnderTest, folder: string, number: number): string {
  const migrationsDir = join(folder, `migrations-${number}`);
  mkdirSync(migrationsDir);
  cpSync(FLEET_MIGRATIONS[2], migrationsDir, { recursive: true });
  for (let one = 3; one <= number; one++) {
    const name = `20260301${String(one).padStart(6, "0")}_next_${one}.ts`;
    writeFileSync(join(migrationsDir, name), migration(one));
  }
  const tag = `v${number}`;
  fleet.writeRelease(tag, { release: 2, migrationsDir });
  return tag;
}

function migration(number: number): string {
  return [
    `export const up = async (knex) => knex.schema.createTable("next_${number}", (table) => table.integer("n"));`,
    `export const down = async (knex) => knex.schema.dropTable("next_${number}");`,
    "",
  ].join("\n");
}
