// Pages of open stateful orders, in the order of their ids, joined with their subaccounts.
import { PostgresStatementTimeout, queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import type { OrderRow } from "./order-row.ts";

/** Long-term orders have flag 64, conditional ones 32; an UNTRIGGERED conditional order is not OPEN. */
const STATEFUL_FLAGS = 64 | 32;

export interface PageRequest {
  /** Only ids greater than this; null from the beginning. */
  readonly after: string | null;
  readonly limit: number;
  /** Only orders of which something is filled. */
  readonly onlyFilled: boolean;
}

export interface Market {
  readonly atomicResolution: number;
  readonly quantumConversionExponent: number;
}

/** By clobPairId. A few hundred at most; read once per step. */
export async function readMarkets(pool: Pool): Promise<ReadonlyMap<string, Market>> {
  const rows = await queryRows<Market & { readonly clobPairId: string }>(
    pool,
    `SELECT "clobPairId"::text AS "clobPairId", "atomicResolution", "quantumConversionExponent"
       FROM perpetual_markets ORDER BY id DESC`,
  );
  return new Map(rows.map((row) => [row.clobPairId, row]));
}

export async function selectOrders(
  pool: Pool,
  markets: ReadonlyMap<string, Market>,
  { after, limit, onlyFilled }: PageRequest,
): Promise<readonly OrderRow[]> {
  const rows = await queryRows<Omit<OrderRow, keyof Market>>(pool, onlyFilled ? FILLED_PAGE : PAGE, [after, limit]);
  return rows.map((row) => {
    const market = markets.get(row.clobPairId);
    return {
      ...row,
      atomicResolution: market?.atomicResolution ?? null,
      quantumConversionExponent: market?.quantumConversionExponent ?? null,
    };
  });
}

/** Longest that a plan may take to count. */
const COUNT_LIMIT_MS = 3_000;

/** How many there are: counted, or the planner's estimate where that takes longer than three seconds. */
export async function estimateOpenOrders(pool: Pool): Promise<number> {
  try {
    return await withTransaction(pool, async (client) => {
      await queryRows(client, `SET LOCAL statement_timeout = ${COUNT_LIMIT_MS}`);
      const [row] = await queryRows<{ n: bigint }>(client, `SELECT count(*) AS n FROM orders o WHERE ${SELECTED}`);
      return Number(row?.n ?? 0n);
    });
  } catch (error) {
    if (!(error instanceof PostgresStatementTimeout)) throw error;
  }
  const [row] = await queryRows<{ plan: ReadonlyArray<{ readonly Plan: { readonly "Plan Rows": number } }> }>(
    pool,
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM orders o WHERE ${SELECTED}`,
  );
  const plan = Object.values(row ?? {})[0] as ReadonlyArray<{ readonly Plan: { readonly "Plan Rows": number } }>;
  return plan[0]?.Plan["Plan Rows"] ?? 0;
}

const SELECTED = `o.status = 'OPEN' AND (o."orderFlags" & ${STATEFUL_FLAGS}) <> 0`;

const page = (condition: string): string => `
  SELECT o.id, o."clientId"::text AS "clientId", o."clobPairId"::text AS "clobPairId",
         o."orderFlags"::text AS "orderFlags", o."clientMetadata"::text AS "clientMetadata",
         o.side, o.size::text AS size, o."totalFilled"::text AS "totalFilled", o.price::text AS price, o.type,
         o."timeInForce", o."reduceOnly", o."goodTilBlock"::text AS "goodTilBlock",
         -- 'infinity' is no number, and one row of it would be the end of its page.
         CASE WHEN isfinite(o."goodTilBlockTime") THEN floor(extract(epoch FROM o."goodTilBlockTime"))::bigint::text
              ELSE o."goodTilBlockTime"::text END AS "goodTilBlockTime",
         o."triggerPrice"::text AS "triggerPrice", o."builderAddress", o."feePpm"::text AS "feePpm",
         o."orderRouterAddress", s.address AS owner, s."subaccountNumber"
    FROM orders o LEFT JOIN subaccounts s ON s.id = o."subaccountId"
   WHERE ${SELECTED} ${condition} AND ($1::uuid IS NULL OR o.id > $1::uuid)
   ORDER BY o.id LIMIT $2`;

const PAGE = page("");
const FILLED_PAGE = page(`AND o."totalFilled" <> 0`);
