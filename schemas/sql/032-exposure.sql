-- What the cells that cover a place add to its exposure, so that a change of some cells need not work
-- out all places anew; null: not kept yet, 0: none of the incident's cells covers it.
alter table incident_sites
  add column own_probability real,
  add column own_loss real,
  add column own_none real;
