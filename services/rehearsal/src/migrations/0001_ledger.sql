-- What really happened, one row per effect. No unique key on purpose: an effect that was applied twice must show as two rows.
CREATE SCHEMA rehearsal;
CREATE TABLE rehearsal.ledger (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stage           text NOT NULL,
  run_id          text NOT NULL,
  step            text NOT NULL,
  idempotency_key text NOT NULL,
  fence           integer NOT NULL,
  executor_pid    integer NOT NULL,
  attempt         integer NOT NULL,
  amount          numeric(78, 0) NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ledger_stage ON rehearsal.ledger (stage);
CREATE TABLE rehearsal.failures (
  run_id text NOT NULL,
  step   text NOT NULL,
  PRIMARY KEY (run_id, step)
);
