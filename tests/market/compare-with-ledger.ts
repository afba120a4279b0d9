// Are the tables what the traffic's ledger says, row by row and column by column? Knows nothing of the product's decoder or store.
import { createRpcClient } from "@tidegate/chain";
import { expectedRows, readChainBlocks, readHead, readLedger, type ExpectedRows } from "@tidegate/market-example";
import { Client } from "pg";
import { expect } from "vitest";
import { expectedStatuses } from "./expected-statuses.ts";

export interface ComparedPlaces {
  readonly ledgerPath: string;
  readonly rpcUrl: string;
  readonly databaseUrl: string;
}

/** How many rows each table was compared in; the caller decides whether that is enough. */
export type ComparedCounts = Readonly<Record<keyof ExpectedRows, number>>;

/** Expects every table to hold exactly the ledger's rows, up to the last indexed block, which must not be ahead of the chain. */
export async function compareWithLedger(places: ComparedPlaces): Promise<ComparedCounts> {
  const rpc = createRpcClient({ urls: [places.rpcUrl] });
  const client = new Client({ connectionString: places.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ block: string }>("select block from last_block where id = 0");
    const lastBlock = Number(rows[0]?.block);
    expect(lastBlock).toBeLessThanOrEqual(await readHead(rpc));
    const expected = expectedRows(readLedger(places.ledgerPath), await readChainBlocks(rpc, 0, lastBlock));
    const counts: Record<string, number> = {};
    for (const [table, wanted] of Object.entries(expected)) counts[table] = await compareTable(client, table, wanted);
    await compareStatuses(client, expected);
    return counts as ComparedCounts;
  } finally {
    await client.end();
    await rpc.close();
  }
}

async function compareTable(client: Client, table: string, wanted: readonly object[]): Promise<number> {
  const columns = await client.query<{ name: string; type: string }>(
    "select column_name as name, data_type as type from information_schema.columns where table_name = $1 and table_schema = 'public'",
    [table],
  );
  const list = columns.rows.map(({ name, type }) => readable(name, type)).join(", ");
  const { rows } = await client.query<Record<string, unknown>>(`select ${list} from ${table}`);
  expectSameRows(table, rows, wanted);
  return rows.length;
}

/** Bytes as 0x…, whole numbers that fit as numbers, amounts as decimal text: the forms of the ledger. */
function readable(name: string, type: string): string {
  if (type === "bytea") return `'0x' || encode(${name}, 'hex') as ${name}`;
  if (type === "bigint" || type === "integer") return `${name}::float8 as ${name}`;
  return type === "numeric" ? `${name}::text as ${name}` : name;
}

function canonical(row: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
}

async function compareStatuses(client: Client, expected: ExpectedRows): Promise<void> {
  const { rows: last } = await client.query<{ now: string }>(
    "select block_timestamp as now from last_block where id = 0",
  );
  const { rows } = await client.query<object>(
    `select '0x' || encode(request_digest, 'hex') as request_digest, request_status, slashed_status, created_at::float8 as created_at,
            locked_at::float8 as locked_at, fulfilled_at::float8 as fulfilled_at, slashed_at::float8 as slashed_at,
            '0x' || encode(lock_prover_address, 'hex') as lock_prover_address,
            '0x' || encode(fulfill_prover_address, 'hex') as fulfill_prover_address
     from request_status`,
  );
  expectSameRows("request_status", rows, expectedStatuses(expected, Number(last[0]?.now)));
}

function expectSameRows(table: string, rows: readonly object[], wanted: readonly object[]): void {
  const stored = rows.map(canonical).sort();
  const expected = wanted.map(canonical).sort();
  // A diff of thousands of rows helps nobody: the first one that differs does.
  const differing = expected.findIndex((row, index) => row !== stored[index]);
  const at = differing === -1 ? expected.length : differing;
  expect({ table, rows: stored.length, first: stored[at] }).toEqual({
    table,
    rows: expected.length,
    first: expected[at],
  });
}
