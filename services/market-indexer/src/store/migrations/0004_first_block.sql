-- Where the index begins, so that blocks that are missing there are found like those that are missing between others.

alter table market_identity add column first_block bigint;
comment on column market_identity.first_block is 'The first block ever stored; what is missing between it and the last stored block is fetched. Null before the first batch.';

update market_identity set first_block = (select min(from_block) from coverage);
