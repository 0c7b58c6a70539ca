-- That a duty to report was done: who told the authority, when, and of which duty (`clocks` of
-- rules/impact.yaml). Kept as long as the audit log.
create table authority_reports (
  report_id text primary key,     -- the act's
  incident_id text not null,
  clock_id text not null,
  at timestamptz not null,        -- network time
  actor text not null,
  why text not null,
  undone_at timestamptz
);
create unique index standing_reports on authority_reports (incident_id, clock_id)
  where undone_at is null;
create index on authority_reports (at);
