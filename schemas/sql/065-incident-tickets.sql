-- The trouble ticket of an incident in a ticket system, what was last written to it, and the repair
-- time last read from it.
create table incident_tickets (
  connector text not null,
  incident_id text not null,
  ticket_id text not null,
  written jsonb not null,
  read_repair_at timestamptz,     -- as the other side last had it, when that was not our own word
  is_over boolean not null default false,
  updated_at timestamptz not null default now(),
  primary key (connector, incident_id)
);
create index on incident_tickets (incident_id);
