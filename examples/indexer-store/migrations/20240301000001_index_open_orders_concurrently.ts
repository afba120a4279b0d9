import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`CREATE INDEX CONCURRENTLY orders_open_id ON orders (id) WHERE status = 'OPEN'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("DROP INDEX CONCURRENTLY IF EXISTS orders_open_id");
}

// CREATE INDEX CONCURRENTLY cannot run inside a transaction.
export const config = { transaction: false };
