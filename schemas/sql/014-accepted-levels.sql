-- Deviations that were taken for the new normal, as detection handed them over; at is network time.
create table accepted_levels (
  shard text not null,
  seq bigint not null,
  at timestamptz not null,
  feed text not null,
  object_type text not null,
  object_id text not null,
  kpi text not null,
  accepted text not null,         -- 'lasting' or 'operator'
  started_at timestamptz not null,
  observed double precision,
  expected double precision,
  primary key (shard, seq)
);
create index on accepted_levels (at);
-- What operators did is looked up by kind.
create index on audit_log (action, id);
