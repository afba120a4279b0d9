-- What a batch needs to know to compute the statuses of requests that began in it from its own events; and a smaller index.

create table unshown_digests (
  request_digest bytea primary key check (octet_length(request_digest) = 32)
);
comment on table unshown_digests is 'Digests that a fulfilment or a delivery named while no request with them was stored. It may name more: what was shown later stays, and so does what no event names any more.';

insert into unshown_digests
select named.request_digest
from (select request_digest from request_fulfilled_events union select request_digest from proof_delivered_events) named
where not exists (select from proof_requests asked where asked.request_digest = named.request_digest);

-- A delivery by the locker leaves nothing for the end of the lock to change.
drop index request_status_by_lock_end;
create index request_status_by_lock_end on request_status (lock_end) where lock_prover_delivered_proof_at is null;
