-- Requests made to a CRM that allows so many a day; one row a connector and day (UTC).
create table crm_quotas (
  connector text not null,
  day date not null,
  used integer not null,
  primary key (connector, day)
);
