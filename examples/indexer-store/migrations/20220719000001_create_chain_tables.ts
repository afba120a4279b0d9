import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("blocks", (table) => {
    table.bigInteger("blockHeight").primary();
    table.timestamp("time").notNullable();
  });
  await knex.schema.createTable("transactions", (table) => {
    table.uuid("id").primary();
    table.bigInteger("blockHeight").notNullable().references("blocks.blockHeight");
    table.integer("transactionIndex").notNullable();
    table.string("transactionHash").notNullable();
  });
  await knex.schema.createTable("tendermint_events", (table) => {
    table.binary("id").primary();
    table.bigInteger("blockHeight").notNullable().references("blocks.blockHeight");
    table.integer("transactionIndex").notNullable();
    table.integer("eventIndex").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("tendermint_events");
  await knex.schema.dropTable("transactions");
  await knex.schema.dropTable("blocks");
}
