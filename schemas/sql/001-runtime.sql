-- Durable input, recovery points and what could not be read.

create table epochs (
  name text primary key,          -- 'leader' or 'shard:<stream>'
  epoch bigint not null default 0
);
insert into epochs (name) values ('leader');

-- The next offset of a stream. Its row lock is held until the writer commits, so that offsets are
-- dense and become visible in order; it outlives pruning, so that they never start again.
create table journal_streams (
  stream text primary key,
  next_offset bigint not null
);

-- One row per batch of facts.
create table journal (
  stream text not null,           -- 'telemetry/0' …, 'control', 'presence'
  "offset" bigint not null,
  kind text not null,
  received_at timestamptz not null default now(),
  payload bytea not null,
  primary key (stream, "offset")
);
alter table journal alter column payload set storage external;

-- How far a source was read; written in the transaction that journals what was read.
create table source_positions (
  source text primary key,
  position jsonb not null,
  updated_at timestamptz not null default now()
);

create table checkpoints (
  name text primary key,          -- a shard's stream, or 'decisions'
  schema_version integer not null,
  epoch bigint not null,
  stream_offset bigint not null,
  tick_ms bigint not null,
  version bigint not null,        -- which set of chunks is the valid one
  chunks integer not null,
  bytes bigint not null,
  saved_at timestamptz not null default now()
);
create sequence checkpoint_versions;
create table checkpoint_chunks (
  name text not null,
  version bigint not null,
  chunk integer not null,
  bytes bytea not null,
  primary key (name, version, chunk)
);
alter table checkpoint_chunks alter column bytes set storage external;

-- What shards hand to the leader, keyed so that computing it again changes nothing.
create table detect_events (
  shard text not null,
  seq bigint not null,
  tick_ms bigint not null,
  event jsonb not null,
  primary key (shard, seq)
);
-- Where the leader's decisions stand; written in the transaction of the decisions themselves.
create table decision_state (
  singleton boolean primary key check (singleton),
  state bytea not null,
  control_offset bigint not null,
  tick_ms bigint not null,
  cursors jsonb not null,
  leader_epoch bigint not null,
  saved_at timestamptz not null default now()
);
create table shard_watermarks (
  shard text primary key,
  tick_ms bigint not null,
  last_seq bigint not null,
  epoch bigint not null
);

create table dead_letters (
  id bigint generated always as identity primary key,
  feed text not null,
  source text not null,
  reason text not null,
  detail text not null,
  payload bytea not null,
  received_at timestamptz not null default now()
);
create index on dead_letters (feed, reason, id);
create table dead_letter_counts (
  feed text not null,
  source text not null,
  reason text not null,
  count bigint not null,
  last_at timestamptz not null default now(),
  day date not null default current_date,  -- so that a share can be told of the last days
  primary key (feed, source, reason, day)
);

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text,
  why text not null,
  detail jsonb not null default '{}'
);

create table settings (
  key text primary key,           -- such as 'killSwitch', 'shadow'
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table sign_in_links (
  token_hash bytea primary key,
  name text not null,             -- who is signed in by it, for the audit log
  role text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create table sessions (
  session_hash bytea primary key,
  name text not null,
  role text not null,             -- viewer, planner, agent, operator, admin
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
