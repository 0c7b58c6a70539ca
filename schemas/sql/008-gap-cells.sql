-- Which cells a gap leaves without data, so that the map tells them from those in service.
alter table telemetry_gaps add column cell_ids text[] not null default '{}';
