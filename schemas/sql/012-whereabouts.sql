-- Where people are, small enough for ten million of them: cells and people by integer, and all that
-- counting asks of a person (kind, brand, segment, language, vulnerable) as one small number.

-- A cell's number: given once, whatever versions the cell has. Whoever names a cell first gives it.
create table cell_numbers (
  cell_no integer generated always as identity primary key,
  cell_id text not null unique
);

-- Numbers of cells, in the order asked for; those not yet known get one.
create function number_cells(ids text[]) returns table (cell_id text, cell_no integer)
language plpgsql as $$
#variable_conflict use_column
begin
  insert into cell_numbers (cell_id)
  select g.id from (select distinct id from unnest(ids) as u (id) where id is not null) g
  where not exists (select from cell_numbers n where n.cell_id = g.id)
  order by g.id
  on conflict do nothing;
  return query select n.cell_id, n.cell_no
    from unnest(ids) with ordinality as g (id, place) join cell_numbers n on n.cell_id = g.id
    order by g.place;
end $$;
create function cell_number(id text) returns integer language sql as
  $$ select cell_no from number_cells(array[id]) $$;

create function number_new_cells() returns trigger language plpgsql as $$
begin
  insert into cell_numbers (cell_id)
  select distinct a.cell_id from added a
  where not exists (select from cell_numbers n where n.cell_id = a.cell_id)
  order by a.cell_id
  on conflict do nothing;
  return null;
end $$;
create trigger number_new_cells after insert on cells
  referencing new table as added for each statement execute function number_new_cells();
insert into cell_numbers (cell_id)
select cell_id from cells union select cell_id from usual_cells union select cell_id from last_seen
order by 1;

create table subscriber_classes (
  class smallint generated always as identity primary key,
  kind text not null,
  brand text not null,
  segment text not null,
  language text not null,
  vulnerable boolean not null,
  unique (kind, brand, segment, language, vulnerable)
);
create function subscriber_class(a_kind text, a_brand text, a_segment text, a_language text,
  is_vulnerable boolean) returns smallint language plpgsql as $$
declare found_class smallint;
begin
  loop
    select c.class into found_class from subscriber_classes c
    where (c.kind, c.brand, c.segment, c.language, c.vulnerable)
      = (a_kind, a_brand, a_segment, a_language, is_vulnerable);
    if found then return found_class; end if;
    insert into subscriber_classes (kind, brand, segment, language, vulnerable)
    values (a_kind, a_brand, a_segment, a_language, is_vulnerable)
    on conflict do nothing;
  end loop;
end $$;

alter table subscribers
  alter column subscriber_id type integer,
  add column class smallint;
insert into subscriber_classes (kind, brand, segment, language, vulnerable)
select distinct kind, brand, segment, language, vulnerable from subscribers;
update subscribers s set class = c.class from subscriber_classes c
where (c.kind, c.brand, c.segment, c.language, c.vulnerable)
  = (s.kind, s.brand, s.segment, s.language, s.vulnerable);
alter table subscribers alter column class set not null;
-- the text stays beside it for readers; whoever writes many rows gives the class himself
create function class_subscriber() returns trigger language plpgsql as $$
begin
  new.class := subscriber_class(new.kind, new.brand, new.segment, new.language, new.vulnerable);
  return new;
end $$;
create trigger class_new before insert on subscribers
  for each row when (new.class is null) execute function class_subscriber();
create trigger class_changed before update on subscribers
  for each row when ((new.kind, new.brand, new.segment, new.language, new.vulnerable)
    is distinct from (old.kind, old.brand, old.segment, old.language, old.vulnerable))
  execute function class_subscriber();

-- Cells a subscriber usually is at, by part of the week (src/impact/day-parts.ts; 0: declared, for any
-- time). weight = share of that time, sums to at most 1 per subscriber and part. Both indexes hold all
-- a mapping asks for: who is at a cell, and where somebody is.
alter table usual_cells rename to usual_cells_of_011;
create table usual_cells (
  subscriber_id integer not null,
  cell_no integer not null,
  weight real not null check (weight > 0 and weight <= 1),
  updated_on date not null default current_date, -- network date of what it was learnt from
  part smallint not null default 0,
  class smallint not null        -- the subscriber's
);
insert into usual_cells (subscriber_id, cell_no, weight, class)
select u.subscriber_id, n.cell_no, u.weight, s.class
from usual_cells_of_011 u join cell_numbers n using (cell_id) join subscribers s using (subscriber_id)
order by n.cell_no, u.subscriber_id;
drop table usual_cells_of_011;
alter table usual_cells
  add constraint usual_cells_pkey primary key (subscriber_id, part, cell_no) include (weight);
create index usual_cells_of_cell on usual_cells (cell_no, part, class, subscriber_id) include (weight);

-- Where somebody was seen last, one row a person. cell_no alone is indexed, so that being seen again at
-- the same cell touches no index.
alter table last_seen rename to last_seen_of_011;
create table last_seen (
  subscriber_id integer not null,
  cell_no integer not null,
  seen_at timestamptz not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
insert into last_seen (subscriber_id, cell_no, seen_at)
select l.subscriber_id, n.cell_no, l.seen_at
from last_seen_of_011 l join cell_numbers n using (cell_id)
order by l.subscriber_id;
drop table last_seen_of_011;
alter table last_seen add constraint last_seen_pkey primary key (subscriber_id);
create index last_seen_of_cell on last_seen (cell_no);

-- A usual cell has its subscriber's class, also when it is not given or changes later.
create function class_usual_cell() returns trigger language plpgsql as $$
begin
  select s.class into new.class from subscribers s where s.subscriber_id = new.subscriber_id;
  return new;
end $$;
create trigger class_new before insert on usual_cells
  for each row when (new.class is null) execute function class_usual_cell();
create function reclass_whereabouts() returns trigger language plpgsql as $$
begin
  update usual_cells u set class = new.class
  where u.subscriber_id = new.subscriber_id and u.class <> new.class;
  return null;
end $$;
create trigger reclass_whereabouts after update on subscribers
  for each row when (new.class <> old.class) execute function reclass_whereabouts();

-- Of somebody who is erased it is not known any more where they were or usually are.
create function forget_whereabouts() returns trigger language plpgsql as $$
begin
  delete from usual_cells u where u.subscriber_id = old.subscriber_id;
  delete from last_seen l where l.subscriber_id = old.subscriber_id;
  return null;
end $$;
create trigger forget_whereabouts after update on subscribers
  for each row when (new.erased_at is not null and old.erased_at is null)
  execute function forget_whereabouts();
