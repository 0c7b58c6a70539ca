-- By how much those told call less, as measured; the forecast goes by it. No row: not measurable yet,
-- and rules/forecast.yaml counts.
create table learnt_effect (
  is_only boolean primary key default true check (is_only),
  reduction double precision not null check (reduction between 0 and 1),
  design text not null,
  reason text not null,
  learnt_at timestamptz not null default now()
);
