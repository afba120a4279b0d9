// A database holds one market of one chain, for ever.
import { queryRows, type Pool, type Queryable } from "@tidegate/postgres";
import { MarketMismatch } from "../errors.ts";

export interface MarketIdentity {
  readonly chainId: bigint;
  /** "0x…", lower case. */
  readonly address: string;
}

/** The first run writes the identity; a later one with another throws MarketMismatch. */
export async function ensureMarketIdentity(pool: Pool, given: MarketIdentity): Promise<void> {
  await queryRows(
    pool,
    "insert into market_identity (chain_id, market_address) values ($1, $2) on conflict (only_row) do nothing",
    [given.chainId, Buffer.from(given.address.slice(2), "hex")],
  );
  const stored = (await readMarketIdentity(pool)) ?? { chainId: 0n, address: "0x" };
  if (stored.chainId !== given.chainId || stored.address !== given.address) throw new MarketMismatch({ stored, given });
}

/** Called with the first batch. */
export async function rememberFirstBlock(client: Queryable, block: bigint): Promise<void> {
  await queryRows(client, "update market_identity set first_block = $1 where first_block is null", [block]);
}

/** The first block ever stored; undefined before. */
export async function readFirstBlock(source: Queryable): Promise<bigint | undefined> {
  const [row] = await queryRows<{ first: bigint | null }>(source, "select first_block as first from market_identity");
  return row?.first ?? undefined;
}

/** Undefined before the first run. */
export async function readMarketIdentity(pool: Pool): Promise<MarketIdentity | undefined> {
  const [row] = await queryRows<{ chain_id: bigint; market_address: Buffer }>(
    pool,
    "select chain_id, market_address from market_identity",
  );
  return row === undefined ? undefined : { chainId: row.chain_id, address: `0x${row.market_address.toString("hex")}` };
}
