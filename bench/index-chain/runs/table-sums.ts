// What a table holds, in two words: how many rows, and an md5 over all of them.
import { queryRows, type Pool } from "@tidegate/postgres";

export interface TableSum {
  readonly rows: bigint;
  readonly md5: string;
}

export type TableSums = Readonly<Record<string, TableSum>>;

/** Everything that the chain decides. Blocks that merely ended a batch depend on the batches and are left out. */
const CHAIN_TABLES: readonly string[] = [
  "blocks",
  "transactions",
  "proof_requests",
  "request_submitted_events",
  "request_locked_events",
  "request_fulfilled_events",
  "proof_delivered_events",
  "proofs",
  "callback_failed_events",
  "prover_slashed_events",
  "deposit_events",
  "withdrawal_events",
  "collateral_deposit_events",
  "collateral_withdrawal_events",
];

const CARRYING_BLOCKS = "(select * from blocks where block_number in (select block_number from transactions)) blocks";

/** Of the tables of a market's database, columns in the order of their names: migrations may add some in another place. */
export async function sumChainTables(pool: Pool): Promise<TableSums> {
  const sums: Record<string, TableSum> = {};
  for (const table of CHAIN_TABLES) {
    const columns = await queryRows<{ name: string }>(
      pool,
      "select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 order by 1",
      [table],
    );
    const source = table === "blocks" ? CARRYING_BLOCKS : table;
    sums[table] = await sumOf(pool, `select ${columns.map(({ name }) => name).join(", ")} from ${source}`);
  }
  return sums;
}

/** Of the rows of a query, in any order. */
export async function sumOf(pool: Pool, query: string): Promise<TableSum> {
  // The md5 of each row first: the text of all rows together may be more than one value can hold.
  const [sum] = await queryRows<TableSum>(
    pool,
    `select count(*) as rows, md5(coalesce(string_agg(line, '' order by line), '')) as md5
     from (select md5(rows::text) as line from (${query}) rows) lines`,
  );
  if (sum === undefined) throw new Error("an aggregate gives one row");
  return sum;
}

/** Throws with the tables that differ. */
export function expectEqualSums(who: string, expected: TableSums, found: TableSums): void {
  const different = Object.keys(expected).filter(
    (table) => expected[table]?.md5 !== found[table]?.md5 || expected[table]?.rows !== found[table]?.rows,
  );
  if (different.length === 0) return;
  const facts = different.map(
    (table) => `${table}: ${expected[table]?.rows} rows, and ${found[table]?.rows} of ${who}`,
  );
  throw new Error(`The row sums of ${who} differ. ${facts.join("; ")}`);
}
