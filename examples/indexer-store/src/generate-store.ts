// Fills the example's tables with orders, subaccounts and markets: the same seed, the same rows. The server computes them, so a million take seconds.
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";

export interface GenerateOptions {
  /** Open stateful orders. */
  readonly orders: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default a hundredth of the orders, at least 10. */
  readonly subaccounts?: number;
  /** Default 30. */
  readonly markets?: number;
  /** Open orders that cannot be sent, besides: without a subaccount, without a market, with a fraction of a quantum, in turns. Default 0. */
  readonly badOrders?: number;
  /** Orders that must not be sent, besides: short-term, filled, canceled, untriggered, TWAP, in turns. Default a tenth of the orders. */
  readonly otherOrders?: number;
}

export interface Generated {
  readonly orders: number;
  /** Of them, partly filled. */
  readonly filled: number;
}

/** Into empty tables, in one transaction. */
export async function generateStore(pool: Pool, options: GenerateOptions): Promise<Generated> {
  const { orders, seed = 1, markets = 30, badOrders = 0 } = options;
  const subaccounts = options.subaccounts ?? Math.max(10, Math.ceil(orders / 100));
  const otherOrders = options.otherOrders ?? Math.ceil(orders / 10);
  return withTransaction(pool, async (client) => {
    await client.query("SET LOCAL synchronous_commit = off");
    await queryRows(client, REFERENCE_ROWS);
    await queryRows(client, MARKETS, [markets]);
    await queryRows(client, SUBACCOUNTS, [subaccounts, seed]);
    await insertOrders(client, "good", { count: orders, seed, subaccounts, markets });
    await insertOrders(client, "bad", { count: badOrders, seed, subaccounts, markets });
    await insertOrders(client, "other", { count: otherOrders, seed, subaccounts, markets });
    const [row] = await queryRows<{ filled: bigint }>(
      client,
      `SELECT count(*) AS filled FROM orders WHERE status = 'OPEN' AND "totalFilled" <> 0 AND "clientMetadata" < 10`,
    );
    return { orders, filled: Number(row?.filled ?? 0n) };
  });
}

/** The tables that other rows refer to, and some that nobody can bring back. */
const REFERENCE_ROWS = `
  INSERT INTO blocks ("blockHeight", time) SELECT n, '2026-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 100) n;
  INSERT INTO tendermint_events (id, "blockHeight", "transactionIndex", "eventIndex")
    SELECT decode(md5(n::text), 'hex'), n, 0, 0 FROM generate_series(1, 100) n;
  INSERT INTO liquidity_tiers (id, name, "initialMarginPpm") VALUES (0, 'Large-Cap', 50000), (1, 'Mid-Cap', 100000);
  INSERT INTO compliance_status (address, status) SELECT 'dydx1checked' || n, 'COMPLIANT' FROM generate_series(1, 20) n;
  INSERT INTO turnkey_users (address, status) SELECT 'dydx1user' || n, 'ACTIVE' FROM generate_series(1, 20) n;
  INSERT INTO persistent_cache (key, value) VALUES ('totalVolumeUpdateTime', '2026-01-01T00:00:00.000Z');`;

const MARKETS = `
  WITH inserted AS (
    INSERT INTO markets (id, pair, exponent, "oraclePrice") SELECT n, 'COIN' || n || '-USD', -5, n FROM generate_series(0, $1::int - 1) n RETURNING id)
  INSERT INTO perpetual_markets (id, "clobPairId", ticker, "marketId", "liquidityTierId", status, "atomicResolution",
                                 "quantumConversionExponent", "subticksPerTick", "stepBaseQuantums")
  SELECT id, id, 'COIN' || id || '-USD', id, id % 2, 'ACTIVE', -6 - id % 5, -9 + id % 2, 100000, 1000000 FROM inserted`;

const SUBACCOUNTS = `
  INSERT INTO subaccounts (id, address, "subaccountNumber", "updatedAt", "updatedAtHeight")
  SELECT md5('subaccount-' || $2::int || '-' || n)::uuid, 'dydx1' || substr(md5('a' || n) || md5('b' || n), 1, 38), n % 3, '2026-01-01', 1
    FROM generate_series(1, $1::int) n`;

type Kind = "good" | "bad" | "other";

async function insertOrders(
  client: PoolClient,
  kind: Kind,
  facts: { readonly count: number; readonly seed: number; readonly subaccounts: number; readonly markets: number },
): Promise<void> {
  if (facts.count === 0) return;
  await queryRows(client, ORDERS, [facts.count, facts.seed, kind, facts.subaccounts, facts.markets]);
}

/**
 * h1, h2, h3 are 31 random bits each, from the hash of seed, kind and number. Sizes are whole quantums and prices whole subticks of their
 * market: × 10^atomicResolution and × 10^(−6 − atomicResolution + quantumConversionExponent).
 */
const ORDERS = `
  WITH numbers AS (
    SELECT n, x.h1, x.h2, x.h3 FROM generate_series(1, $1::int) n,
      LATERAL (SELECT ('x' || md5($2::text || $3 || n))::bit(128) AS bits) b,
      LATERAL (SELECT (substring(bits, 1, 31))::int AS h1, (substring(bits, 32, 31))::int AS h2, (substring(bits, 63, 31))::int AS h3) x),
  shaped AS (
    SELECT n, h1, h2, h3, m.*, h3 % 10 < 2 AS conditional, $3 = 'bad' AS bad, $3 = 'other' AS other, n % 5 AS turn
      FROM numbers JOIN perpetual_markets m ON m."clobPairId" = h1 % $5::int)
  INSERT INTO orders (id, "subaccountId", "clientId", "clobPairId", "orderFlags", "clientMetadata", side, size, "totalFilled", price, type, status,
                      "timeInForce", "reduceOnly", "goodTilBlock", "goodTilBlockTime", "triggerPrice", "updatedAt", "updatedAtHeight",
                      "builderAddress", "feePpm", "orderRouterAddress")
  SELECT md5('order-' || $2 || $3 || n)::uuid,
         CASE WHEN bad AND turn % 3 = 0 THEN md5('nobody' || n)::uuid ELSE md5('subaccount-' || $2 || '-' || (1 + h2 % $4::int))::uuid END,
         h3,
         CASE WHEN bad AND turn % 3 = 1 THEN 999999 ELSE "clobPairId" END,
         CASE WHEN other AND turn = 0 THEN 0 WHEN other AND turn = 1 THEN 128 WHEN other AND turn = 2 THEN 256 WHEN conditional THEN 32 ELSE 64 END,
         CASE WHEN bad OR other THEN 10 ELSE h2 % 2 END,
         CASE h1 % 2 WHEN 0 THEN 'BUY' ELSE 'SELL' END,
         (1 + h2::numeric * 17) * power(10::numeric, "atomicResolution") * CASE WHEN bad AND turn % 3 = 2 THEN 0.5 ELSE 1 END,
         CASE WHEN h3 % 5 = 0 THEN (1 + h2::numeric) * power(10::numeric, "atomicResolution") ELSE 0 END,
         (1 + h3::numeric) * power(10::numeric, -6 - "atomicResolution" + "quantumConversionExponent"),
         CASE WHEN NOT conditional THEN 'LIMIT' WHEN h1 % 2 = 0 THEN 'STOP_LIMIT' ELSE 'TAKE_PROFIT' END,
         CASE WHEN other AND turn = 3 THEN 'UNTRIGGERED' WHEN other AND turn = 4 THEN 'FILLED' ELSE 'OPEN' END,
         CASE WHEN h2 % 10 < 8 THEN 'GTT' ELSE 'POST_ONLY' END,
         h1 % 7 = 0,
         NULL, '2027-01-01'::timestamptz + (h1 % 1000000) * interval '1 second',
         CASE WHEN conditional THEN (1 + h3::numeric) * power(10::numeric, -6 - "atomicResolution" + "quantumConversionExponent") END,
         '2026-01-01', 1,
         CASE WHEN h1 % 11 = 0 THEN 'dydx1builder' END, CASE WHEN h1 % 11 = 0 THEN '250' END,
         CASE WHEN h1 % 13 = 0 THEN 'dydx1router' END
    FROM shaped`;
