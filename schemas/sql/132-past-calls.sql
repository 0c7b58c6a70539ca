-- What past incidents teach of how people call: null where it is not known.
alter table past_incidents
  add column service text check (service in ('none', 'degraded')),
  add column affected double precision check (affected > 0),   -- people
  add column calls double precision check (calls >= 0);        -- beyond the usual ones, to all queues
