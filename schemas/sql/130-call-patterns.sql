-- Ordinary call patterns as they were learnt, by queue; a version is never changed. fit: PatternFit in
-- src/forecast/ordinary as JSON, deflated; null once it is too old to go back to.
create table call_patterns (
  queue text not null,
  version integer not null,
  origin_day integer not null,      -- first local day it foretells, days since 1970-01-01
  learnt_at timestamptz not null,   -- network time at which it was taken over
  from_day integer,                 -- first and last local day it was learnt from; null: no calls yet
  to_day integer,
  why text not null,                -- LearntWhy in src/forecast/ordinary
  settings text not null,           -- of which rules and imports it was learnt
  weights jsonb not null,
  record jsonb not null,            -- PatternRecord: errors a day ahead over its last rolling origins
  fit bytea,
  leader_epoch bigint not null,
  primary key (queue, version)
);

-- Queues that somebody put back to an earlier version, until when it holds at most.
create table call_pattern_pins (
  queue text primary key,
  version integer not null,
  until_day integer not null,       -- last local day on which it is used
  act_id text not null,
  by_name text not null,
  why text not null,
  at timestamptz not null,
  foreign key (queue, version) references call_patterns
);
