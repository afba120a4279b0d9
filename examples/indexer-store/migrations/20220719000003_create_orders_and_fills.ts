import type { Knex } from "knex";

const TYPES = [
  "LIMIT",
  "MARKET",
  "STOP_LIMIT",
  "STOP_MARKET",
  "TRAILING_STOP",
  "TAKE_PROFIT",
  "TAKE_PROFIT_MARKET",
  "LIQUIDATED",
  "LIQUIDATION",
  "HARD_TRADE",
  "FAILED_HARD_TRADE",
  "TRANSFER_PLACEHOLDER",
  "TWAP",
  "TWAP_SUBORDER",
];

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("orders", (table) => {
    table.uuid("id").primary();
    // Vault orders and replays may come before their subaccount: no foreign key, so a missing one is a row that cannot be sent.
    table.uuid("subaccountId").notNullable();
    table.bigInteger("clientId").notNullable();
    table.bigInteger("clobPairId").notNullable();
    table.bigInteger("orderFlags").notNullable();
    table.bigInteger("clientMetadata").notNullable();
    table.enum("side", ["BUY", "SELL"]).notNullable();
    table.decimal("size", null).notNullable();
    table.decimal("totalFilled", null).notNullable();
    table.decimal("price", null).notNullable();
    table.enum("type", TYPES).notNullable();
    table.enum("status", ["OPEN", "FILLED", "CANCELED", "BEST_EFFORT_CANCELED", "UNTRIGGERED"]).notNullable();
    table.enum("timeInForce", ["GTT", "FOK", "IOC", "POST_ONLY"]).notNullable();
    table.boolean("reduceOnly").notNullable();
    table.bigInteger("goodTilBlock").nullable();
    table.timestamp("goodTilBlockTime").nullable();
    table.bigInteger("createdAtHeight").nullable();
    table.decimal("triggerPrice", null).nullable();
    table.timestamp("updatedAt").notNullable();
    table.bigInteger("updatedAtHeight").notNullable();
    table.string("builderAddress").nullable();
    table.string("feePpm").nullable();
    table.string("orderRouterAddress").nullable();
    table.check('("goodTilBlock" IS NULL) <> ("goodTilBlockTime" IS NULL)');
  });
  await knex.schema.createTable("fills", (table) => {
    table.uuid("id").primary();
    table.uuid("subaccountId").notNullable().references("subaccounts.id");
    table.uuid("orderId").nullable().references("orders.id");
    table.decimal("size", null).notNullable();
    table.decimal("price", null).notNullable();
    table.binary("eventId").notNullable().references("tendermint_events.id");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("fills");
  await knex.schema.dropTable("orders");
}
