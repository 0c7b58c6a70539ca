-- What an agent's look-up asks by key.

-- Of an incident without reading its document, which lists every cell.
alter table incidents
  add column cause_kind text generated always as (doc -> 'cause' ->> 'kind') stored,
  add column merged_into text generated always as (doc ->> 'mergedInto') stored;

-- Which incidents a cell was ever in: cells of incidents that are over are in no other table.
create table cell_incidents (
  cell_no integer not null,
  incident_no integer not null,
  primary key (cell_no, incident_no)
);
create index on cell_incidents (incident_no);
create function remember_incident_cells() returns trigger language plpgsql as $$
begin
  insert into cell_incidents (cell_no, incident_no)
  select a.cell_no, a.incident_no from added a order by a.cell_no, a.incident_no
  on conflict do nothing;
  return null;
end $$;
create trigger remember_cells after insert on incident_cells
  referencing new table as added for each statement execute function remember_incident_cells();
insert into cell_incidents (cell_no, incident_no)
select distinct n.cell_no, i.incident_no
from incidents i cross join lateral jsonb_array_elements(i.doc -> 'cells') c
join cell_numbers n on n.cell_id = c ->> 'cellId'
union
select cell_no, incident_no from incident_cells
order by 1, 2;

create index incident_cells_of_cell on incident_cells (cell_no);
create index links_of_child on links (child_id);
create index works_by_end on works (ends_at);
create index lasting_gaps on telemetry_gaps (from_at) where to_at is null;
create index incident_sites_of_site on incident_sites (site_id);
