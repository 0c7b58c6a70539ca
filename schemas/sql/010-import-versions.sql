-- Raised in the transaction of an import that changed anything, so that a running service notices.
create table import_versions (
  kind text primary key,          -- as `tocsin import` names it, such as 'works'
  version bigint not null,
  changed_at timestamptz not null default now()
);
