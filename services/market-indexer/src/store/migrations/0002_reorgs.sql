-- What makes the index true when the chain moves, an endpoint lies, or a log says nothing that we know.

create table unfinalized_blocks (
  block_number bigint primary key,
  block_hash bytea not null check (octet_length(block_hash) = 32),
  parent_hash bytea not null check (octet_length(parent_hash) = 32),
  block_timestamp bigint not null
);
comment on table unfinalized_blocks is 'The chain as it was stored, from --reorg-depth blocks before the head to the last stored block, which is always here. A reorganisation is found by comparing it with the chain.';

create table coverage (
  from_block bigint primary key,
  parent_hash bytea not null check (octet_length(parent_hash) = 32),
  to_block bigint not null check (to_block >= from_block),
  to_hash bytea not null check (octet_length(to_hash) = 32)
);
comment on table coverage is 'Blocks whose events are stored, as ranges that do not touch: parent_hash is of the block before from_block, to_hash of to_block. What is missing between two of them is fetched.';

create table shadowed_sightings (
  request_digest bytea not null,
  source text not null,
  client_signature bytea not null,
  submission_timestamp bigint not null,
  tx_hash bytea,
  block_number bigint,
  log_index integer,
  block_timestamp bigint,
  kept_for bigint not null,
  unique nulls not distinct (request_digest, source, submission_timestamp, block_number, log_index)
);
comment on table shadowed_sightings is 'Sightings of a request that proof_requests would show if the blocks after theirs were undone; kept_for is the last block for which that may happen.';
create index shadowed_sightings_by_kept_for on shadowed_sightings (kept_for);

create table dead_letters (
  block_number bigint not null,
  log_index integer not null,
  block_timestamp bigint not null,
  tx_hash bytea not null,
  topics bytea[] not null,
  data bytea not null,
  event text,
  reason text not null,
  first_seen_at timestamptz not null default now(),
  last_tried_at timestamptz not null default now(),
  tries integer not null default 1,
  primary key (block_number, log_index)
);
comment on table dead_letters is 'Logs of the market that do not decode, as they came; event is the name that their first topic stands for, if any. `tidegate indexer dead-letters retry` decodes them again.';

create table reorgs (
  reorg_id bigint generated always as identity primary key,
  seen_at timestamptz not null default now(),
  fork_block bigint not null,
  fork_hash bytea not null check (octet_length(fork_hash) = 32),
  undone_to_block bigint not null,
  undone_hash bytea not null check (octet_length(undone_hash) = 32),
  undone_events bigint not null
);
comment on table reorgs is 'Every reorganisation that was undone: fork_block is the last block that stayed, undone_to_block the last one that was stored before.';

-- A database of the version before: its last block is known, and what it covers runs from its first block to that.
insert into unfinalized_blocks
select block_number, block_hash, parent_hash, blocks.block_timestamp from blocks join last_block on block = block_number where id = 0;

insert into coverage
select first.block_number, first.parent_hash, last.block_number, last.block_hash
from (select * from blocks order by block_number limit 1) first, unfinalized_blocks last
where first.block_number <= last.block_number;
