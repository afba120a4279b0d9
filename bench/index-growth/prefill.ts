// Ten million stored events without a chain: of the kinds and in the proportions of the history, in the blocks before it.
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import type { KeptChain } from "../index-chain/ensure-chain.ts";

/** As the endpoint gives it. */
export interface BlockBefore {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: string;
}

const REQUESTS = 2_440_000;
/** As many begin in one block of the history. */
const REQUESTS_PER_BLOCK = 25;
const STARTS_AT = 1_700_000_000;

/** Of request `i`: its id, digest and block, and a transaction that it shares with some others. */
const REQUESTS_SQL = `
  select i, i % 100 as part,
    decode(lpad(to_hex(i % 64 + 1), 40, 'a') || lpad(to_hex(i), 24, '0'), 'hex') as id,
    sha256(int8send(i)) as digest,
    decode(lpad(to_hex(i % 64 + 1), 40, 'a'), 'hex') as client,
    decode(lpad(to_hex(i % 16 + 1), 40, 'b'), 'hex') as prover,
    $1::bigint + i / ${REQUESTS_PER_BLOCK} as block,
    $2::bigint + (i / ${REQUESTS_PER_BLOCK}) * 2 as time,
    (i % ${REQUESTS_PER_BLOCK} * 8)::int as log,
    sha256(convert_to(i / ${REQUESTS_PER_BLOCK} || '/' || i % 7, 'UTF8')) as tx
  from generate_series(0, ${REQUESTS - 1}) i`;

const PLACE = "block_number, log_index, tx_hash, block_timestamp";

/** An event table: its own columns and values, the position of its events, and which requests have one, in percent. */
function events(table: string, columns: string, values: string, log: number, share: string): string {
  return `insert into ${table} (${PLACE}, ${columns})
    select block, log + ${log}, tx, time, ${values} from (${REQUESTS_SQL}) asked where ${share}`;
}

const PROVEN = "request_digest, request_id, prover_address";
const DELIVERED = [
  [4, "part < 73"],
  [5, "part < 8"],
] as const;

const STATEMENTS: readonly string[] = [
  `insert into blocks (block_number, block_hash, parent_hash, block_timestamp, base_fee)
   select distinct on (block) block, sha256(int8send(block)), sha256(int8send(block - 1)), time, 7 from (${REQUESTS_SQL}) asked`,
  `insert into transactions (tx_hash, block_number, transaction_index, from_address, block_timestamp)
   select distinct on (tx) tx, block, (i % 7)::int, client, time from (${REQUESTS_SQL}) asked`,
  `insert into proof_requests (request_digest, request_id, client_address, source, predicate_type, predicate_data, callback_address,
     callback_gas_limit, selector, input_type, input_data, image_id, image_url, min_price, max_price, lock_collateral, ramp_up_start,
     ramp_up_period, lock_timeout, timeout, lock_end, expires_at, client_signature, submission_timestamp, tx_hash, block_number, log_index,
     block_timestamp)
   select digest, id, client, case when part < 90 then 'onchain' else 'unknown' end, 'DigestMatch', digest || tx, prover, 0, '\\x00000000',
     'Inline', digest || tx || convert_to(repeat('x', 240), 'UTF8'), digest, 'https://example.com/programs/fibonacci.bin', 1000 + i, 2000 + i, 5e18::numeric,
     time, 10, 50, 90, time + 50, time + 90, digest || tx || '\\x1b', time, tx, block, log, time
   from (${REQUESTS_SQL}) asked`,
  events("request_submitted_events", "request_digest, request_id", "digest, id", 0, "part < 90"),
  events("request_locked_events", PROVEN, "digest, id, prover", 1, "part < 78"),
  events("request_fulfilled_events", PROVEN, "digest, id, prover", 2, "part < 73"),
  ...DELIVERED.map(([log, share]) => events("proof_delivered_events", PROVEN, "digest, id, prover", log, share)),
  ...DELIVERED.map(([log, share]) =>
    events(
      "proofs",
      `${PROVEN}, claim_digest, fulfillment_data_type, fulfillment_data, seal`,
      "digest, id, prover, tx, 'ImageIdAndJournal', digest || tx || digest || tx || digest, digest || tx || digest",
      log,
      share,
    ),
  ),
  events(
    "prover_slashed_events",
    "request_id, prover_address, burn_value, transfer_value, collateral_recipient",
    "id, prover, 1, 2, client",
    6,
    "part between 66 and 77",
  ),
  events("callback_failed_events", "request_id, callback_address, error_data", "id, client, digest", 7, "part < 7"),
  events("deposit_events", "account, value", "client, 1000 + i", 3, "part < 30"),
  events("withdrawal_events", "account, value", "prover, 1000 + i", 7, "part between 30 and 49"),
  events("collateral_deposit_events", "account, value", "prover, 1000 + i", 7, "part between 50 and 59"),
  events("collateral_withdrawal_events", "account, value", "prover, 1000 + i", 7, "part between 60 and 69"),
];

const STATUSES = `
  insert into request_status (request_digest, request_id, client_address, source, request_status, slashed_status, created_at, updated_at,
    locked_at, fulfilled_at, lock_prover_delivered_proof_at, lock_prover_address, fulfill_prover_address, submit_block, lock_block,
    fulfill_block, submit_tx_hash, lock_tx_hash, fulfill_tx_hash, lock_end, expires_at, lock_price)
  select digest, id, client, case when part < 90 then 'onchain' else 'unknown' end, case when part < 73 then 'fulfilled' else 'expired' end,
    'N/A', time, case when part < 73 then time + 2 else time + 51 end,
    case when part < 78 then time end, case when part < 73 then time end, case when part < 73 then time end,
    case when part < 78 then prover end, case when part < 73 then prover end, block, case when part < 78 then block end,
    case when part < 73 then block end, tx, case when part < 78 then tx end, case when part < 73 then tx end, time + 50, time + 90, 1500
  from (${REQUESTS_SQL}) asked`;

const EVENTS_SQL = `
  select sum(rows) as n from (
    ${[
      "request_submitted_events",
      "request_locked_events",
      "request_fulfilled_events",
      "proof_delivered_events",
      "prover_slashed_events",
      "callback_failed_events",
      "deposit_events",
      "withdrawal_events",
      "collateral_deposit_events",
      "collateral_withdrawal_events",
    ]
      .map((table) => `select count(*) as rows from ${table}`)
      .join(" union all ")}) counts`;

/** Fills a database with the market's tables, up to the block before the history; returns how many events it holds. */
export async function prefill(pool: Pool, { facts }: KeptChain, before: BlockBefore): Promise<number> {
  const blocks = Math.ceil(REQUESTS / REQUESTS_PER_BLOCK);
  // Chain time goes on where it ends: no request is open when the history begins.
  const place = [facts.shape.genesis - blocks, STARTS_AT - blocks * 2 - 1_000];
  const restore = await dropIndexes(pool);
  for (const statement of [...STATEMENTS, STATUSES]) await queryRows(pool, statement, place);
  await withTransaction(pool, async (client) => {
    await client.query("set local maintenance_work_mem = '512MB'");
    for (const statement of restore) await client.query(statement);
  });
  await queryRows(pool, "insert into market_identity (chain_id, market_address) values ($1, $2)", [
    facts.chainId,
    Buffer.from(facts.market.slice(2), "hex"),
  ]);
  await storeLastBlock(pool, before);
  await queryRows(pool, "vacuum analyze");
  const [row] = await queryRows<{ n: string }>(pool, EVENTS_SQL);
  return Number(row?.n);
}

/** Progress as the indexer leaves it at the block before the history, whose hash the history's first block names. */
async function storeLastBlock(pool: Pool, { number, hash, parentHash, timestamp }: BlockBefore): Promise<void> {
  const bytes = (hex: string): Buffer => Buffer.from(hex.slice(2), "hex");
  const block = [Number(number), bytes(hash), bytes(parentHash), Number(timestamp)];
  await queryRows(pool, "insert into blocks values ($1, $2, $3, $4, 7)", block);
  await queryRows(pool, "insert into last_block (id, block, block_timestamp) values (0, $1, $2)", [
    Number(number),
    Number(timestamp),
  ]);
  const [has] = await queryRows<{ coverage: boolean }>(pool, "select to_regclass('coverage') is not null as coverage");
  if (has?.coverage !== true) return;
  await queryRows(pool, "insert into unfinalized_blocks values ($1, $2, $3, $4)", block);
  await queryRows(
    pool,
    `insert into coverage (from_block, parent_hash, to_block, to_hash)
     select block_number, parent_hash, $1::bigint, $2::bytea from blocks order by block_number limit 1`,
    block.slice(0, 2),
  );
}

/** Rows come in far faster without indexes; returns the statements that make them again. */
async function dropIndexes(pool: Pool): Promise<readonly string[]> {
  const constraints = await queryRows<{ relation: string; name: string; definition: string }>(
    pool,
    `select conrelid::regclass::text as relation, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype in ('p', 'u') and connamespace = 'public'::regnamespace
       and conrelid::regclass::text not in ('last_block', 'market_identity', 'order_stream_state')`,
  );
  const indexes = await queryRows<{ name: string; definition: string }>(
    pool,
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index join pg_class on pg_class.oid = indexrelid
     where relnamespace = 'public'::regnamespace
       and not exists (select from pg_constraint where conindid = indexrelid)`,
  );
  for (const { name } of indexes) await queryRows(pool, `drop index ${name}`);
  for (const { relation, name } of constraints) {
    await queryRows(pool, `alter table ${relation} drop constraint ${name}`);
  }
  return [
    ...constraints.map(
      ({ relation, name, definition }) => `alter table ${relation} add constraint ${name} ${definition}`,
    ),
    ...indexes.map(({ definition }) => definition),
  ];
}
