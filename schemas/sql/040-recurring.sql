-- Recurring problems are read from when cells were in incidents: by when they left them, without looking
-- at the table, and without the documents of the incidents.
create index recent_cell_incidents on cell_incidents (coalesce(to_at, 'infinity'::timestamptz))
  include (cell_no, incident_no, from_at, to_at, degree);
alter table incidents
  add column cause_id text generated always as (doc -> 'cause' ->> 'id') stored,
  add column planned_work_id text generated always as (doc ->> 'plannedWorkId') stored,
  add column user_minutes double precision
    generated always as ((impact ->> 'userMinutes')::double precision) stored;
