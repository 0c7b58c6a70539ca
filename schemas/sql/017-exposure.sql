-- What being at a cell of an incident means, what a declared place means, and where sightings say
-- nothing: all that a mapping holds people's whereabouts against.

alter table incident_cells add column none real not null default 0; -- probability of no service there; above 0 only at cells that are out

-- Exposure of people of whom only the declared place is known, as of the last look at everybody.
create table incident_sites (
  incident_no integer not null,
  site_id text not null,
  probability real not null,     -- of being at one of the incident's cells
  loss real not null,            -- the same times the share of service lost there
  none real not null,            -- probability of no service
  since timestamptz not null,
  primary key (incident_no, site_id)
);

-- Cells in service that catch phones of dark ones: who is seen there since may be at the dark one.
create table incident_catching (
  incident_no integer not null,
  cell_no integer not null,
  since timestamptz not null,
  primary key (incident_no, cell_no)
);

create index neighbours_of on neighbours (neighbour_id);

-- every list is made anew by the new arithmetic
update impact_state set cells_key = '' where is_complete and left_to_map = 0;

-- What the mode of whereabouts (rules/impact.yaml) does not allow is not stored, whoever writes it.
-- The service switches these with the mode; see src/adapters/postgres/whereabouts-mode.ts.
create function refuse_row() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger not_allowed before insert on usual_cells for each row execute function refuse_row();
create trigger not_allowed before insert on last_seen for each row execute function refuse_row();
alter table usual_cells disable trigger not_allowed;
alter table last_seen disable trigger not_allowed;

-- Hours in which somebody was seen at a cell, until usual cells are learnt from them: a day at most.
create table seen_hours (
  subscriber_id integer not null,
  hour timestamptz not null,
  cell_no integer not null,
  primary key (subscriber_id, hour, cell_no)
);
create index on seen_hours (hour);
create function note_seen_hours() returns trigger language plpgsql as $$
begin
  insert into seen_hours (subscriber_id, hour, cell_no)
  select subscriber_id, date_trunc('hour', seen_at), cell_no from seen
  order by 1, 2, 3
  on conflict do nothing;
  return null;
end $$;
create trigger learn_new after insert on last_seen
  referencing new table as seen for each statement execute function note_seen_hours();
create trigger learn_again after update on last_seen
  referencing new table as seen for each statement execute function note_seen_hours();
alter table last_seen disable trigger learn_new;
alter table last_seen disable trigger learn_again;

create or replace function forget_whereabouts() returns trigger language plpgsql as $$
begin
  delete from usual_cells u where u.subscriber_id = old.subscriber_id;
  delete from last_seen l where l.subscriber_id = old.subscriber_id;
  delete from seen_hours h where h.subscriber_id = old.subscriber_id;
  return null;
end $$;
