-- Totals of 5 minutes that were made of single calls: a total that an ACD gives takes their place.
alter table calls add column from_single boolean not null default false;
