import type { Knex } from "knex";

/** What no chain brings back: who was checked, who may log in. */
const IRREPLACEABLE = ["compliance_status", "turnkey_users"];

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("candles", (table) => {
    table.increments("id");
    table.string("ticker").notNullable();
    table.timestamp("startedAt").notNullable();
    table.decimal("close", null).notNullable();
  });
  await knex.schema.createTable("perpetual_positions", (table) => {
    table.uuid("id").primary();
    table.uuid("subaccountId").notNullable().references("subaccounts.id");
    table.bigInteger("perpetualId").notNullable().references("perpetual_markets.id");
    table.decimal("size", null).notNullable();
  });
  await knex.schema.createTable("persistent_cache", (table) => {
    table.string("key").primary();
    table.text("value").notNullable();
  });
  for (const name of IRREPLACEABLE) {
    await knex.schema.createTable(name, (table) => {
      table.string("address").primary();
      table.string("status").notNullable();
    });
  }
  await knex.raw(`
    CREATE FUNCTION example_uuid(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(name)::uuid $$`);
  await knex.raw(`
    CREATE MATERIALIZED VIEW open_interest AS
      SELECT "clobPairId", count(*) AS orders, sum(size) AS size FROM orders WHERE status = 'OPEN' GROUP BY 1`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("DROP MATERIALIZED VIEW open_interest");
  await knex.raw("DROP FUNCTION example_uuid(text)");
  for (const name of [...IRREPLACEABLE, "persistent_cache", "perpetual_positions", "candles"])
    await knex.schema.dropTable(name);
}
