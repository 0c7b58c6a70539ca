create table calls (
  queue text not null,
  area text not null default '',
  starts_at timestamptz not null,
  interval_seconds integer not null check (interval_seconds > 0),
  offered double precision not null check (offered >= 0),
  answered double precision,
  abandoned double precision,
  handle_seconds double precision,
  primary key (queue, area, starts_at, interval_seconds)
);
create index on calls (starts_at);
create table roster (
  queue text not null,
  starts_at timestamptz not null,
  interval_seconds integer not null,
  agents double precision not null check (agents >= 0),
  primary key (queue, starts_at)
);
create table tickets (
  ticket_id text primary key,
  resource_id text not null,
  opened_at timestamptz not null,
  expected_repair_at timestamptz,
  closed_at timestamptz,
  note text
);
-- Every forecast issued is kept; the newest issued_at of a queue is the current one.
create table forecasts (
  queue text not null,
  issued_at timestamptz not null,
  intervals jsonb not null,       -- array of schemas/interval-forecast.json
  primary key (queue, issued_at)
);
