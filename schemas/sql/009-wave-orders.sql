-- What an operator ordered about a lineage's messages: it holds for waves that are yet to come, too.
create table wave_orders (
  lineage_id text primary key,
  action text not null check (action in ('hold', 'cancel')),
  actor text not null,
  why text not null,
  at timestamptz not null default now()
);

-- A wave that ended undecided with its incident: when the incident goes on, it is to be decided again.
alter table waves add column ended_undecided boolean not null default false;
-- It waits until a person approves, whatever the policy says about its size.
alter table waves add column waits_for_person boolean not null default false;
