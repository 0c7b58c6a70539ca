-- Phones of other networks seen at our cells: one row a phone, by a keyed fingerprint, kept as long as
-- sightings are. Nothing else is known of them.
create table visitors_seen (
  visitor_key bytea primary key,
  network text not null,          -- MCC and MNC; empty: a number tells the country alone
  country text not null,          -- ISO 3166-1 alpha-2; empty: not known
  cell_no integer not null,
  seen_at timestamptz not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index visitors_seen_of_cell on visitors_seen (cell_no, seen_at);
create trigger not_allowed before insert on visitors_seen for each row execute function refuse_row();
alter table visitors_seen disable trigger not_allowed;

-- Visitors at the cells of an incident: now, and the most at once.
create table incident_visitors (
  incident_no integer not null,
  network text not null,
  country text not null,
  now integer not null,
  most integer not null,
  primary key (incident_no, network, country)
);

-- Cell 0 of last_seen: the subscription was seen in another network, abroad. It is no place to learn.
create or replace function note_seen_hours() returns trigger language plpgsql as $$
begin
  insert into seen_hours (subscriber_id, hour, cell_no)
  select subscriber_id, date_trunc('hour', seen_at), cell_no from seen where cell_no > 0
  order by 1, 2, 3
  on conflict do nothing;
  return null;
end $$;
