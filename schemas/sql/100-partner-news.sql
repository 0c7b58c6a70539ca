-- What a partner was told of an incident: one row a lineage and partner, written in the deciding
-- transaction. told: ToldPartner (src/notify/partners); news: the last word before it was addressed.
create table partner_notices (
  notice_id text primary key,
  lineage_id text not null,
  partner text not null,
  incident_id text not null,
  revision integer not null,
  told jsonb not null,
  news jsonb not null,
  raised_at timestamptz not null,
  over_at timestamptz,
  unique (lineage_id, partner)
);
create index on partner_notices (incident_id);

-- Deliveries and acknowledgements are of a surge or of a partner's notice. In shadow mode what is
-- decided is kept and goes nowhere.
alter table desk_deliveries
  alter column alert_id drop not null,
  add column notice_id text references partner_notices on delete cascade,
  add constraint desk_deliveries_of_one check (num_nonnulls(alert_id, notice_id) = 1),
  drop constraint desk_deliveries_kind_check,
  add constraint desk_deliveries_kind_check check
    (kind in ('surge', 'wider', 'allClear', 'onset', 'change', 'restored', 'merged', 'withdrawn')),
  drop constraint desk_deliveries_state_check,
  add constraint desk_deliveries_state_check check
    (state in ('pending', 'claimed', 'sent', 'failed', 'superseded', 'shadow'));
create index on desk_deliveries (notice_id) where notice_id is not null;

alter table desk_acknowledgements
  drop constraint desk_acknowledgements_pkey,
  alter column alert_id drop not null,
  add column notice_id text references partner_notices on delete cascade,
  add constraint desk_acknowledgements_of_one check (num_nonnulls(alert_id, notice_id) = 1);
create unique index desk_acknowledgements_once on desk_acknowledgements
  (coalesce(alert_id, notice_id), who);
