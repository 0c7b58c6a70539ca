create table incidents (
  incident_id text primary key,
  lineage_id text not null,
  state text not null,
  revision integer not null,
  started_at timestamptz not null,
  detected_at timestamptz,
  ended_at timestamptz,
  doc jsonb not null,             -- schemas/incident.json
  impact jsonb,                   -- schemas: ImpactSummary, latest
  rank_score double precision not null default 0,
  leader_epoch bigint not null,
  updated_at timestamptz not null default now()
);
create index on incidents (state, rank_score desc);
create index on incidents (lineage_id);

create table incident_events (
  incident_id text not null,
  seq integer not null,
  at timestamptz not null,
  kind text not null,
  reason text not null,
  primary key (incident_id, seq)
);

-- Who is affected, from when to when. A current row has affected_to null. Someone who stopped being
-- affected and is again keeps one row.
create table incident_subscribers (
  incident_id text not null,
  subscriber_id bigint not null,
  probability real not null,
  service text not null check (service in ('none', 'degraded')),
  degree real not null,
  reachable boolean not null,
  affected_from timestamptz not null,
  affected_to timestamptz,
  minutes real not null default 0, -- sum of probability * degree * minutes until mapped_at
  mapped_at timestamptz not null, -- the mapping that last changed the row, network time
  primary key (incident_id, subscriber_id)
);
create index on incident_subscribers (subscriber_id);

create table impact_history (
  incident_id text not null,
  at timestamptz not null,
  summary jsonb not null,
  primary key (incident_id, at)
);

-- What the last mapping of an incident was made of, so that an unchanged one is not made again.
create table impact_state (
  incident_id text primary key,
  cells_key text not null,        -- hash of cells, degrees and whether it is over
  mapped_at timestamptz not null,
  changed_at timestamptz not null, -- the last mapping that added or changed a subscriber
  counts jsonb not null           -- ImpactCounts in src/impact/rank.ts, as of mapped_at
);

create table telemetry_gaps (
  gap_id text primary key,
  feed text not null,
  from_at timestamptz not null,
  to_at timestamptz,
  cells integer not null,
  reason text not null
);
