-- Every forecast issued, packed (src/forecast/record/pack.ts, deflated): `forecasts` holds those of
-- the last hour in full.
create table forecast_record (
  queue text not null,
  issued_at timestamptz not null,
  packed bytea not null,
  primary key (queue, issued_at)
);
create index on forecast_record (issued_at);

-- Intervals whose calls are all there and were held against what had been forecast.
create table forecast_judged (
  queue text not null,
  starts_at timestamptz not null,
  interval_seconds integer not null,
  actual double precision not null,
  last_week double precision,      -- calls of the same interval a week before; null when not known
  in_incident boolean not null,    -- incidents brought a share of the calls worth naming
  primary key (queue, starts_at)
);
create index on forecast_judged (starts_at);

-- How the forecast of so long before turned out; a lead that nothing was issued for has no row.
create table forecast_scores (
  queue text not null,
  starts_at timestamptz not null,
  lead_seconds integer not null,
  median double precision not null,
  pinball double precision not null, -- mean over the levels 0.05 to 0.95
  within_80 boolean not null,
  within_95 boolean not null,
  primary key (queue, starts_at, lead_seconds),
  foreign key (queue, starts_at) references forecast_judged on delete cascade
);

-- How far a topic has been given the forecasts of a queue.
create table forecast_publications (
  topic text not null,
  queue text not null,
  issued_at timestamptz not null,
  primary key (topic, queue)
);
