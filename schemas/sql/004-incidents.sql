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

-- Who is affected, from when to when. A current row has affected_to null.
create table incident_subscribers (
  incident_id text not null,
  subscriber_id bigint not null,
  probability real not null,
  service text not null check (service in ('none', 'degraded')),
  degree real not null,
  reachable boolean not null,
  affected_from timestamptz not null,
  affected_to timestamptz,
  primary key (incident_id, subscriber_id)
);
create index on incident_subscribers (subscriber_id);

create table impact_history (
  incident_id text not null,
  at timestamptz not null,
  summary jsonb not null,
  primary key (incident_id, at)
);

create table telemetry_gaps (
  gap_id text primary key,
  feed text not null,
  from_at timestamptz not null,
  to_at timestamptz,
  cells integer not null,
  reason text not null
);
