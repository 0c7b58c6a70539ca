-- Probability that an onset wave tells people for nothing: what it takes of `wrongWavesPerYear`. Waves
-- from before this was known take nothing.
alter table waves add column doubt double precision not null default 0;
create index on waves (decided_at) where kind = 'onset';
create index on audit_log (target) where action = 'notAnIncident';
