-- Not named `tidegate`: a role of that name would find it before `public` ("$user" in search_path).
--
-- What the engine keeps beside DBOS's own tables (schema dbos). Only executors, claims, locks, keys, plans, schedules and the audit log are
-- truth; runs, steps and events are a projection that `tidegate runs rebuild` makes anew.
CREATE SCHEMA tidegate_engine;

-- An executor is alive while a session holds the advisory lock of its number.
CREATE TABLE tidegate_engine.executors (
  number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          text NOT NULL UNIQUE,
  host        text NOT NULL,
  pid         integer NOT NULL,
  operations  text[] NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now()
);

-- Who may work on a run: the fence grows with each claim. And what was asked of the run from outside.
CREATE TABLE tidegate_engine.claims (
  run_id              text PRIMARY KEY,
  fence               integer NOT NULL DEFAULT 0,
  executor            text,
  cancel_requested_at timestamptz,
  cancel_by           text,
  cancel_reason       text,
  lock_wait_until     timestamptz,
  -- Claims in a row without a newly recorded step between them.
  fruitless_claims    integer NOT NULL DEFAULT 0,
  recorded_steps      integer NOT NULL DEFAULT 0
);

CREATE TABLE tidegate_engine.locks (
  name        text PRIMARY KEY,
  run_id      text NOT NULL,
  operation   text NOT NULL,
  holder      text NOT NULL,
  reason      text,
  acquired_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX locks_run ON tidegate_engine.locks (run_id);

CREATE TABLE tidegate_engine.start_keys (
  operation    text NOT NULL,
  key          text NOT NULL,
  run_id       text NOT NULL,
  input_digest text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (operation, key, run_id)
);

CREATE TABLE tidegate_engine.plans (
  id         text PRIMARY KEY,
  operation  text NOT NULL,
  version    integer NOT NULL,
  digest     text NOT NULL,
  document   text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE tidegate_engine.schedules (
  name         text PRIMARY KEY,
  operation    text NOT NULL,
  input        text NOT NULL,
  cron         text NOT NULL,
  time_zone    text NOT NULL,
  missed       text NOT NULL,
  lock_wait_ms integer NOT NULL,
  is_paused    boolean NOT NULL DEFAULT false,
  -- Ticks up to this moment are done with.
  ticked_until timestamptz NOT NULL,
  last_tick    timestamptz,
  last_run_id  text,
  last_error   text
);

CREATE TABLE tidegate_engine.audit (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT now(),
  who     text NOT NULL,
  role    text NOT NULL,
  action  text NOT NULL,
  target  text,
  outcome text NOT NULL,
  detail  jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE tidegate_engine.runs (
  id           text PRIMARY KEY,
  operation    text NOT NULL,
  version      integer NOT NULL,
  title        text NOT NULL,
  state        text NOT NULL,
  created_by   text NOT NULL,
  created_at   timestamptz NOT NULL,
  started_at   timestamptz,
  ended_at     timestamptz,
  executor     text,
  fence        integer NOT NULL DEFAULT 0,
  current_step text,
  waiting      jsonb,
  progress     jsonb,
  error        jsonb,
  parent_id    text,
  lock         text,
  key          text,
  reason       text,
  plan_id      text,
  -- In the journal's encoding: bigints and dates exactly.
  input        text NOT NULL,
  plan         text,
  result       text
);
CREATE INDEX runs_newest ON tidegate_engine.runs (created_at DESC, id DESC);
CREATE INDEX runs_operation ON tidegate_engine.runs (operation, created_at DESC, id DESC);
CREATE INDEX runs_state ON tidegate_engine.runs (state, created_at DESC, id DESC);
CREATE INDEX runs_parent ON tidegate_engine.runs (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE tidegate_engine.steps (
  run_id     text NOT NULL,
  name       text NOT NULL,
  -- Place in the run's journal.
  position   integer NOT NULL,
  kind       text NOT NULL,
  state      text NOT NULL,
  attempts   integer NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  progress   jsonb,
  error      jsonb,
  result     text,
  PRIMARY KEY (run_id, name)
);

CREATE TABLE tidegate_engine.events (
  seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id text NOT NULL,
  at     timestamptz NOT NULL,
  code   text NOT NULL,
  step   text,
  data   jsonb NOT NULL
);
CREATE INDEX events_run ON tidegate_engine.events (run_id, seq);
