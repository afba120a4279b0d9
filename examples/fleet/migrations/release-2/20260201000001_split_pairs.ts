import type { Knex } from "knex";

/** The code of release 1 names columns that are gone, and leaves out those that must not be null; the code of release 2 names those that come only now. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("events", (table) => {
    table.text("base").nullable();
    table.text("quote").nullable();
  });
  await knex.raw("UPDATE events SET base = split_part(pair, '-', 1), quote = split_part(pair, '-', 2)");
  await knex.schema.alterTable("events", (table) => {
    table.dropNullable("base");
    table.dropNullable("quote");
    table.dropColumn("pair");
  });
  await knex.raw("ALTER TABLE ticks RENAME COLUMN value TO reading");
  await knex.raw("ALTER TABLE ticks ADD COLUMN unit text NOT NULL DEFAULT 'ms'");
  await knex.raw("ALTER TABLE ticks ALTER COLUMN unit DROP DEFAULT");
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("ALTER TABLE ticks DROP COLUMN unit");
  await knex.raw("ALTER TABLE ticks RENAME COLUMN reading TO value");
  await knex.raw("ALTER TABLE events ADD COLUMN pair text");
  await knex.raw("UPDATE events SET pair = base || '-' || quote");
  await knex.raw("ALTER TABLE events ALTER COLUMN pair SET NOT NULL, DROP COLUMN base, DROP COLUMN quote");
}
