-- What customers did by area and interval before Tocsin heard of it: imported, and learnt from.
create table past_counts (
  name text not null,
  area text not null,
  starts_at timestamptz not null,
  interval_seconds integer not null,
  count double precision not null,
  primary key (name, area, starts_at, interval_seconds)
);
