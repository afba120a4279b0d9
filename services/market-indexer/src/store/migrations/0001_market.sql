-- The market's events as they stand on the chain, the requests that they carry, and the status that follows from both.
--
-- Conventions. Hashes, addresses, request ids and digests are bytea of fixed length, big-endian. Amounts are numeric(78), in the
-- smallest unit (wei). Block times are unix seconds, bigint. Times that a requestor chose are sums of uint64 and uint32, which a
-- bigint cannot hold: numeric(20). Each event table is keyed by its place on the chain: (block_number, log_index).

create table market_identity (
  only_row boolean primary key default true check (only_row),
  chain_id bigint not null,
  market_address bytea not null check (octet_length(market_address) = 20)
);
comment on table market_identity is 'The one chain and market that this database holds; an indexer of another one is refused.';

create table last_block (
  id integer primary key,
  block bigint not null,
  block_timestamp bigint not null
);
comment on table last_block is 'Progress. Row 0: the last block whose events are stored; written in the same transaction as its rows.';

create table blocks (
  block_number bigint primary key,
  block_hash bytea not null check (octet_length(block_hash) = 32),
  parent_hash bytea not null check (octet_length(parent_hash) = 32),
  block_timestamp bigint not null,
  base_fee numeric(78)
);
comment on table blocks is 'Blocks that hold an event of the market or that end a batch.';

create table transactions (
  tx_hash bytea primary key check (octet_length(tx_hash) = 32),
  block_number bigint not null,
  transaction_index integer not null,
  from_address bytea not null check (octet_length(from_address) = 20),
  block_timestamp bigint not null
);

create table proof_requests (
  request_digest bytea primary key check (octet_length(request_digest) = 32),
  request_id bytea not null check (octet_length(request_id) = 32),
  client_address bytea not null check (octet_length(client_address) = 20),
  source text not null check (source in ('onchain', 'offchain', 'unknown')),
  predicate_type text not null check (predicate_type in ('DigestMatch', 'PrefixMatch', 'ClaimDigestMatch')),
  predicate_data bytea not null,
  callback_address bytea not null check (octet_length(callback_address) = 20),
  callback_gas_limit numeric(78) not null,
  selector bytea not null check (octet_length(selector) = 4),
  input_type text not null check (input_type in ('Inline', 'Url')),
  input_data bytea not null,
  image_id bytea check (octet_length(image_id) = 32),
  image_url text not null,
  min_price numeric(78) not null,
  max_price numeric(78) not null,
  lock_collateral numeric(78) not null,
  ramp_up_start numeric(20) not null,
  ramp_up_period bigint not null,
  lock_timeout bigint not null,
  timeout bigint not null,
  lock_end numeric(20) not null,
  expires_at numeric(20) not null,
  client_signature bytea not null,
  submission_timestamp bigint not null,
  tx_hash bytea check (octet_length(tx_hash) = 32),
  block_number bigint,
  log_index integer,
  block_timestamp bigint
);
comment on column proof_requests.source is 'onchain: a RequestSubmitted carried it; offchain: the order stream did; unknown: first seen in a RequestLocked.';
comment on column proof_requests.image_id is 'First 32 bytes of predicate_data; null for ClaimDigestMatch, whose data is a claim digest, and for data shorter than 32 bytes.';
comment on column proof_requests.image_url is 'UTF-8; bytes that are not UTF-8, and NUL, which PostgreSQL cannot hold, read as U+FFFD. The digest is of the original bytes.';
comment on column proof_requests.block_number is 'Place of the event that carried it; null for an off-chain request.';
create index proof_requests_by_request_id on proof_requests (request_id);
create index proof_requests_by_client on proof_requests (client_address, submission_timestamp);

create table request_submitted_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_digest bytea not null,
  request_id bytea not null,
  primary key (block_number, log_index)
);
create index request_submitted_events_by_digest on request_submitted_events (request_digest, block_number);

create table request_locked_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_digest bytea not null,
  request_id bytea not null,
  prover_address bytea not null,
  primary key (block_number, log_index)
);
create index request_locked_events_by_digest on request_locked_events (request_digest, block_number);
create index request_locked_events_by_request_id on request_locked_events (request_id);

create table request_fulfilled_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_digest bytea not null,
  request_id bytea not null,
  prover_address bytea not null,
  primary key (block_number, log_index)
);
create index request_fulfilled_events_by_digest on request_fulfilled_events (request_digest, block_number);

create table proof_delivered_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_digest bytea not null,
  request_id bytea not null,
  prover_address bytea not null,
  primary key (block_number, log_index)
);
create index proof_delivered_events_by_digest on proof_delivered_events (request_digest, block_number);

create table proofs (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_digest bytea not null,
  request_id bytea not null,
  prover_address bytea not null,
  claim_digest bytea not null,
  fulfillment_data_type text not null check (fulfillment_data_type in ('None', 'ImageIdAndJournal')),
  fulfillment_data bytea not null,
  seal bytea not null,
  primary key (block_number, log_index)
);
create index proofs_by_digest on proofs (request_digest, block_number);

create table callback_failed_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_id bytea not null,
  callback_address bytea not null,
  error_data bytea not null,
  primary key (block_number, log_index)
);

create table prover_slashed_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  request_id bytea not null,
  prover_address bytea,
  burn_value numeric(78) not null,
  transfer_value numeric(78) not null,
  collateral_recipient bytea not null,
  primary key (block_number, log_index)
);
comment on column prover_slashed_events.prover_address is 'Not in the event: the prover of the latest lock of this request before it; null when no lock is stored.';
create index prover_slashed_events_by_request_id on prover_slashed_events (request_id);

create table deposit_events (
  block_number bigint not null,
  log_index integer not null,
  tx_hash bytea not null,
  block_timestamp bigint not null,
  account bytea not null,
  value numeric(78) not null,
  primary key (block_number, log_index)
);
create table withdrawal_events (like deposit_events including all);
create table collateral_deposit_events (like deposit_events including all);
create table collateral_withdrawal_events (like deposit_events including all);

create table order_stream_state (
  only_row boolean primary key default true check (only_row),
  last_processed_timestamp bigint not null
);

create table request_status (
  request_digest bytea primary key,
  request_id bytea not null,
  client_address bytea not null,
  source text not null,
  request_status text not null check (request_status in ('submitted', 'locked', 'fulfilled', 'expired')),
  slashed_status text not null check (slashed_status in ('N/A', 'Pending', 'Slashed')),
  created_at bigint not null,
  updated_at bigint not null,
  locked_at bigint,
  fulfilled_at bigint,
  slashed_at bigint,
  lock_prover_delivered_proof_at bigint,
  lock_prover_address bytea,
  fulfill_prover_address bytea,
  submit_block bigint,
  lock_block bigint,
  fulfill_block bigint,
  slashed_block bigint,
  submit_tx_hash bytea,
  lock_tx_hash bytea,
  fulfill_tx_hash bytea,
  slash_tx_hash bytea,
  lock_end numeric(20) not null,
  expires_at numeric(20) not null,
  lock_price numeric(78),
  slash_recipient bytea,
  slash_transferred_amount numeric(78),
  slash_burned_amount numeric(78)
);
comment on table request_status is 'Derived: a function of the tables above and the time of the last stored block. What a request asks for is in proof_requests.';
comment on column request_status.updated_at is 'Chain time of the last change: of an event, or the second after lock_end or expires_at when only time passed. Independent of how the blocks were batched.';
create index request_status_by_created on request_status (created_at desc, request_digest desc);
create index request_status_by_updated on request_status (updated_at desc, request_digest desc);
create index request_status_by_request_id on request_status (request_id);
create index request_status_by_client on request_status (client_address, created_at desc);
create index request_status_by_lock_end on request_status (lock_end);
create index request_status_by_expiry on request_status (expires_at) where fulfilled_at is null;
