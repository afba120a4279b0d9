// Which chain the database holds: every answer names it, and an API that was started for another one serves nothing.
import { queryRows, type Queryable } from "@tidegate/postgres";
import { NothingIndexed, OtherChain } from "../errors.ts";

export type StoredChain = () => Promise<bigint>;

/**
 * Reads the chain id of the database once and remembers it: the indexer never changes it. While none is stored it is the
 * expected one; throws NothingIndexed without that, and OtherChain when the two differ.
 */
export function createStoredChain(pool: Queryable, expected: bigint | undefined): StoredChain {
  let known: bigint | undefined;
  return async () => {
    if (known !== undefined) return known;
    const [row] = await queryRows<{ chain_id: bigint }>(pool, "select chain_id from market_identity");
    const stored = row?.chain_id;
    if (expected !== undefined && stored !== undefined && stored !== expected)
      throw new OtherChain({ expected, stored });
    known = stored;
    const chain = stored ?? expected;
    if (chain === undefined) throw new NothingIndexed();
    return chain;
  };
}
