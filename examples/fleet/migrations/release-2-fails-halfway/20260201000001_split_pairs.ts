import type { Knex } from "knex";

/** As release 2's, with a mistake in the middle: the events are split already when it fails. PostgreSQL takes all of it back. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("ALTER TABLE events ADD COLUMN base text, ADD COLUMN quote text");
  await knex.raw("UPDATE events SET base = split_part(pair, '-', 1), quote = split_part(pair, '-', 2)");
  await knex.raw(
    "ALTER TABLE events ALTER COLUMN base SET NOT NULL, ALTER COLUMN quote SET NOT NULL, DROP COLUMN pair",
  );
  await knex.raw("ALTER TABLE ticks RENAME COLUMN valeu TO reading");
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("ALTER TABLE ticks RENAME COLUMN reading TO value");
  await knex.raw("ALTER TABLE events ADD COLUMN pair text");
  await knex.raw("UPDATE events SET pair = base || '-' || quote");
  await knex.raw("ALTER TABLE events ALTER COLUMN pair SET NOT NULL, DROP COLUMN base, DROP COLUMN quote");
}
