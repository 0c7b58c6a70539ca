-- Whether most of the interval's calls came with the area they were made from.
alter table forecast_judged add column with_area boolean not null default false;
