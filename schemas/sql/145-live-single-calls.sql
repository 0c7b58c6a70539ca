-- Single calls that were counted and named themselves, so that one that is sent again counts once.
create table single_call_ids (
  queue text not null,
  call_id text not null,
  at timestamptz not null,
  primary key (queue, call_id)
);
create index on single_call_ids (at);
-- What counts in the place of live single calls, and what was made of single calls, by queue and time.
create index calls_over_single on calls (queue, starts_at) where not from_single or interval_seconds > 60;
create index calls_of_single on calls (queue, starts_at) where from_single;
