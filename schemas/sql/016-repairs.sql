-- What imports have said of tickets; decisions are told in the same transaction, through the journal,
-- and of tickets that are pushed only there.
alter table tickets
  alter column resource_id drop not null,
  add column resource_type text,
  add column incident_id text,
  add column said_by text,
  add column said_at timestamptz,
  add column state text not null default 'open';
update tickets set state = 'closed' where closed_at is not null;
alter table tickets add check (state in ('open', 'closed', 'withdrawn'));
-- Incidents of the time before Tocsin, to learn times to repair from.
create table past_incidents (
  incident_id text primary key,
  cause_kind text,
  cells integer check (cells > 0),
  started_at timestamptz not null,
  ended_after timestamptz,        -- known to have lasted at least until then
  ended_at timestamptz            -- known to have been over by then; null: not known to have ended
);
