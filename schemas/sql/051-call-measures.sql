-- Calls that reach the IVR, those that end there, and those offered to the queue are three measures.
-- `queue` names the queue and its media: see src/domain/media.ts.
alter table calls
  add column media text not null default 'voice',
  add column ivr_offered double precision,
  add column ivr_contained double precision;
