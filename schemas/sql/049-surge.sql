-- What past incidents taught about how people call. lesson: SurgeLesson in src/forecast/surge.
create table surge_lessons (
  incident_id text primary key,
  ended_at timestamptz not null,
  lesson jsonb not null,
  leader_epoch bigint not null
);
create index on surge_lessons (ended_at);

-- How many people had been told of an incident by when, network time.
create table surge_told (
  incident_id text not null,
  at timestamptz not null,
  people integer not null,
  primary key (incident_id, at)
);

-- What the newest forecast is made of: ForecastBasis in src/forecast, for "what if".
create table forecast_basis (
  singleton boolean primary key default true check (singleton),
  issued_at timestamptz not null,
  basis jsonb not null
);
