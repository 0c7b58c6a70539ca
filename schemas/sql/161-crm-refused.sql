-- Flags that a CRM refused for good are remembered as that, so that a comparison does not offer them again.
alter table crm_pushed
  add column refused text,          -- why; null: it has the flag
  add column refused_at timestamptz;
create index crm_refused on crm_pushed (connector) where refused is not null;
