-- The network. A row is valid from (inclusive) to (exclusive); the current one ends at infinity.

create table sites (
  site_id text not null,
  name text,
  lat double precision not null check (lat between -90 and 90),
  lon double precision not null check (lon between -180 and 180),
  zone text,
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (site_id, valid_from)
);
create table cells (
  cell_id text not null,
  site_id text not null,
  lat double precision,
  lon double precision,
  azimuth double precision,
  technology text,
  vendor text,
  version text,
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (cell_id, valid_from)
);
create index on cells (site_id);
create table links (
  link_id text not null,
  parent_id text not null,
  child_id text not null,
  kind text not null,
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (link_id, child_id, valid_from)
);
create table neighbours (
  cell_id text not null,
  neighbour_id text not null,
  weight double precision not null default 1 check (weight between 0 and 1),
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (cell_id, neighbour_id, valid_from)
);
create table works (
  work_id text primary key,
  resource_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  description text
);
-- What other systems call our objects. Looked up as (system, alias) at the time of the sample.
create table network_aliases (
  system text not null,
  alias text not null,
  object_type text not null check (object_type in ('cell', 'site', 'link', 'function')),
  object_id text not null,
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (system, alias, valid_from)
);

-- Which KPIs, in which order, a packed segment of KPI history holds.
create table kpi_history_layouts (
  layout_id integer generated always as identity primary key,
  feed text not null,
  period_seconds integer not null,
  kpis text[] not null,
  unique (feed, period_seconds, kpis)
);

-- Packed KPI history: one row per object, feed and UTC day. Layout: src/adapters/postgres/kpi-pack.ts.
create table kpi_history (
  object_type text not null,
  object_id text not null,
  feed text not null,
  day date not null,
  payload bytea not null,
  primary key (object_type, object_id, feed, day)
);
