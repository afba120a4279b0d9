import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("subaccounts", (table) => {
    table.uuid("id").primary();
    table.string("address").notNullable();
    table.integer("subaccountNumber").notNullable();
    table.timestamp("updatedAt").notNullable();
    table.bigInteger("updatedAtHeight").notNullable();
    table.unique(["address", "subaccountNumber"]);
  });
  await knex.schema.createTable("wallets", (table) => {
    table.string("address").primary();
    table.decimal("totalTradingRewards", null).notNullable();
    table.decimal("totalVolume", null).notNullable();
  });
  await knex.schema.createTable("markets", (table) => {
    table.integer("id").primary();
    table.string("pair").notNullable().unique();
    table.integer("exponent").notNullable();
    table.decimal("oraclePrice", null).nullable();
  });
  await knex.schema.createTable("liquidity_tiers", (table) => {
    table.integer("id").primary();
    table.string("name").notNullable();
    table.bigInteger("initialMarginPpm").notNullable();
  });
  await knex.schema.createTable("perpetual_markets", (table) => {
    table.bigInteger("id").primary();
    table.bigInteger("clobPairId").notNullable().unique();
    table.string("ticker").notNullable().unique();
    table.integer("marketId").notNullable().references("markets.id");
    table.integer("liquidityTierId").notNullable().references("liquidity_tiers.id");
    table.string("status").notNullable();
    table.integer("atomicResolution").notNullable();
    table.integer("quantumConversionExponent").notNullable();
    table.integer("subticksPerTick").notNullable();
    table.bigInteger("stepBaseQuantums").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ["perpetual_markets", "liquidity_tiers", "markets", "wallets", "subaccounts"])
    await knex.schema.dropTable(name);
}
