-- Sightings in parts by person, so that each part is cleaned up by itself. Who reads or writes them sees
-- one table.
alter table last_seen rename to last_seen_of_012;
alter table last_seen_of_012 rename constraint last_seen_pkey to last_seen_of_012_pkey;
drop index last_seen_of_cell;
create table last_seen (
  subscriber_id integer not null,
  cell_no integer not null,
  seen_at timestamptz not null
) partition by hash (subscriber_id);

-- Hours in which somebody was seen at a cell, until usual cells are learnt from them: two days at most.
-- By the hour first: what is written now lies together, and what is over is found without a second index.
alter table seen_hours rename to seen_hours_of_017;
alter table seen_hours_of_017 rename constraint seen_hours_pkey to seen_hours_of_017_pkey;
create table seen_hours (
  hour timestamptz not null,
  subscriber_id integer not null,
  cell_no integer not null
) partition by hash (subscriber_id);

do $$
begin
  for part in 0..3 loop
    -- two of three rows change their place in a day: more room in each page, less to clean up
    execute format('create table last_seen_%s partition of last_seen
      for values with (modulus 4, remainder %s)
      with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1)', part, part);
    execute format('create table seen_hours_%s partition of seen_hours
      for values with (modulus 4, remainder %s)', part, part);
  end loop;
end $$;

insert into last_seen select subscriber_id, cell_no, seen_at from last_seen_of_012 order by 1;
insert into seen_hours select hour, subscriber_id, cell_no from seen_hours_of_017 order by 1, 2, 3;
alter table last_seen add constraint last_seen_pkey primary key (subscriber_id);
create index last_seen_of_cell on last_seen (cell_no, subscriber_id);
alter table seen_hours add constraint seen_hours_pkey primary key (hour, subscriber_id, cell_no);

create or replace function note_seen_hours() returns trigger language plpgsql as $$
begin
  insert into seen_hours (hour, subscriber_id, cell_no)
  select date_trunc('hour', seen_at), subscriber_id, cell_no from seen where cell_no > 0
  order by 1, 2, 3
  on conflict do nothing;
  return null;
end $$;
create trigger not_allowed before insert on last_seen for each row execute function refuse_row();
create trigger learn_new after insert on last_seen
  referencing new table as seen for each statement execute function note_seen_hours();
create trigger learn_again after update on last_seen
  referencing new table as seen for each statement execute function note_seen_hours();

-- the mode of whereabouts stays what it is
do $$
declare off name;
begin
  for off in select tgname from pg_trigger
    where tgrelid = 'last_seen_of_012'::regclass and tgenabled = 'D' loop
    execute format('alter table last_seen disable trigger %I', off);
  end loop;
end $$;
drop table last_seen_of_012;
drop table seen_hours_of_017;

create or replace function forget_whereabouts() returns trigger language plpgsql as $$
begin
  delete from usual_cells u where u.subscriber_id = old.subscriber_id;
  delete from last_seen l where l.subscriber_id = old.subscriber_id;
  delete from seen_hours h
  where h.subscriber_id = old.subscriber_id and h.hour in (
    select generate_series(min(k.hour), max(k.hour), interval '1 hour') from seen_hours k);
  return null;
end $$;
