-- When a cell was in an incident and how badly: how often a site was in trouble before, and for how long.
alter table cell_incidents
  add column from_at timestamptz,
  add column to_at timestamptz,   -- null: still
  add column degree real;         -- share of service lost, the most there was
update cell_incidents c set from_at = i.started_at, to_at = i.ended_at, degree = 1
from incidents i where i.incident_no = c.incident_no;
delete from cell_incidents where from_at is null;
alter table cell_incidents alter column from_at set not null, alter column degree set not null;
create index on cell_incidents (from_at);

create or replace function remember_incident_cells() returns trigger language plpgsql as $$
begin
  insert into cell_incidents (cell_no, incident_no, from_at, degree)
  select a.cell_no, a.incident_no, a.since, a.degree from added a order by a.cell_no, a.incident_no
  on conflict do nothing;
  return null;
end $$;
