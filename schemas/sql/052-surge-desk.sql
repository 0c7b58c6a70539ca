-- One row an alert of a surge; at most one is open. Written in the deciding transaction.
create table surge_alerts (
  alert_id text primary key,
  raised_at timestamptz not null,
  revision integer not null,
  queues text[] not null,
  calm_since timestamptz,
  cleared_at timestamptz,
  surges jsonb not null,           -- queues as of the last forecast that held a surge: schemas/surge-alert.json
  incidents text[] not null default '{}'
);
create unique index one_open_surge_alert on surge_alerts ((true)) where cleared_at is null;
create index on surge_alerts (raised_at);

-- One row for each recipient of each piece of news. Its id follows from alert, kind, revision and
-- recipient, so that deciding again adds nothing; workers carry it out.
create table desk_deliveries (
  delivery_id text primary key,
  alert_id text not null references surge_alerts on delete cascade,
  kind text not null check (kind in ('surge', 'wider', 'allClear')),
  revision integer not null,
  recipient text not null,
  news jsonb not null,             -- schemas/surge-alert.json without acknowledgeUrl
  state text not null default 'pending'
    check (state in ('pending', 'claimed', 'sent', 'failed', 'superseded')),
  attempts integer not null default 0,
  not_before timestamptz not null default '-infinity', -- wall time
  lease_until timestamptz,
  reason text,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);
create index on desk_deliveries (alert_id);
create index desk_deliveries_due on desk_deliveries (not_before) where state in ('pending', 'claimed');

create table desk_acknowledgements (
  alert_id text not null references surge_alerts on delete cascade,
  who text not null,
  via text not null check (via in ('link', 'dashboard')),
  note text not null default '',
  at timestamptz not null default now(),
  primary key (alert_id, who)
);
