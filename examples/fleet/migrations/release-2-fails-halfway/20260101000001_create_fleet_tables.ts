import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("events", (table) => {
    table.text("id").primary();
    table.integer("kafka_partition").notNullable();
    table.bigInteger("kafka_offset").notNullable();
    table.text("kind").notNullable();
    table.text("pair").notNullable();
    table.decimal("amount", null).notNullable();
    table.timestamp("sent_at").notNullable();
    table.text("writer_version").notNullable();
    table.text("writer_instance").notNullable();
    table.timestamp("written_at").notNullable();
    // A record of the topic is stored once, whatever its id.
    table.unique(["kafka_offset", "kafka_partition"]);
  });
  await knex.schema.createTable("ticks", (table) => {
    table.text("id").primary();
    table.bigInteger("sequence").notNullable();
    table.bigInteger("value").notNullable();
    table.text("writer_version").notNullable();
    table.text("writer_instance").notNullable();
    table.timestamp("written_at").notNullable();
  });
  // Where Ender goes on: written in the transaction of what it read.
  await knex.schema.createTable("consumer_offsets", (table) => {
    table.text("topic").notNullable();
    table.integer("partition").notNullable();
    table.bigInteger("next_offset").notNullable();
    table.text("writer_version").notNullable();
    table.text("writer_instance").notNullable();
    table.timestamp("updated_at").notNullable();
    table.primary(["topic", "partition"]);
  });
  // Records that are no event: what cannot be read, and an id that was there already. So every offset is accounted for.
  await knex.schema.createTable("skipped_records", (table) => {
    table.integer("kafka_partition").notNullable();
    table.bigInteger("kafka_offset").notNullable();
    table.text("reason").notNullable();
    table.text("writer_version").notNullable();
    table.text("writer_instance").notNullable();
    table.timestamp("written_at").notNullable();
    table.primary(["kafka_partition", "kafka_offset"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ["skipped_records", "consumer_offsets", "ticks", "events"]) await knex.schema.dropTable(name);
}
