-- Lists of half a million affected people, brought up to their incident in steps.

-- by the cell alone and a range of people, without looking at the table
drop index usual_cells_of_cell;
create index usual_cells_of_cell on usual_cells (cell_no, subscriber_id) include (weight, part, class);
drop index last_seen_of_cell;
create index last_seen_of_cell on last_seen (cell_no, subscriber_id);

-- Who declared usual cells need not be looked for at their home site.
alter table subscribers add column declares_cells boolean not null default false;
update subscribers s set declares_cells = true
where exists (select from usual_cells u where u.subscriber_id = s.subscriber_id and u.part = 0);
drop index subscribers_home_site_idx;
create index subscribers_of_home on subscribers (home_site, subscriber_id)
  where home_site is not null and not declares_cells;

alter table incidents add column incident_no integer generated always as identity;
alter table incidents add unique (incident_no);

-- Cells of an incident as its list was last brought up to, or is being.
create table incident_cells (
  incident_no integer not null,
  cell_no integer not null,
  degree real not null,          -- share of service lost after neighbours; 0: no longer lost
  since timestamptz not null,
  primary key (incident_no, cell_no)
);

-- Who is affected, from when to when. A current row has affected_to null. Someone who stopped being
-- affected and is again keeps one row.
alter table incident_subscribers rename to incident_subscribers_of_012;
create table incident_subscribers (
  incident_no integer not null,
  subscriber_id integer not null,
  affected_from timestamptz not null,
  affected_to timestamptz,
  mapped_at timestamptz not null, -- the mapping that last changed the row, network time
  probability real not null,
  degree real not null,
  minutes real not null default 0, -- sum of probability * degree * minutes until mapped_at
  class smallint not null,        -- the subscriber's when the row was last changed
  reachable boolean not null,
  service text not null check (service in ('none', 'degraded'))
) with (fillfactor = 90);
insert into incident_subscribers
select i.incident_no, o.subscriber_id, o.affected_from, o.affected_to, o.mapped_at, o.probability,
  o.degree, o.minutes, s.class, o.reachable, o.service
from incident_subscribers_of_012 o
join incidents i using (incident_id) join subscribers s using (subscriber_id)
order by 1, 2;
drop table incident_subscribers_of_012;
alter table incident_subscribers
  add constraint incident_subscribers_pkey primary key (incident_no, subscriber_id);
create index incident_subscribers_of_person on incident_subscribers (subscriber_id);

-- Sums over an incident's rows by class of subscriber, kept by difference. minutes and loss: those
-- until impact_state.counted_at, and per minute from then on.
create table impact_counts (
  incident_no integer not null,
  class smallint not null,
  people integer not null,        -- current rows
  without_service integer not null, -- those of them whose service is none
  ever integer not null,          -- all rows
  expected double precision not null, -- sum of probability over current rows
  ever_expected double precision not null, -- and over all rows
  loss double precision not null, -- sum of probability * degree over current rows
  minutes double precision not null, -- sum of user-minutes over all rows
  primary key (incident_no, class)
);

insert into impact_counts
select n.incident_no, n.class, count(*) filter (where n.affected_to is null),
  count(*) filter (where n.affected_to is null and n.service = 'none'), count(*),
  coalesce(sum(n.probability) filter (where n.affected_to is null), 0), sum(n.probability),
  coalesce(sum(n.probability * n.degree) filter (where n.affected_to is null), 0),
  sum(n.minutes + case when n.affected_to is null then n.probability * n.degree
    * extract(epoch from m.at - n.mapped_at)::float8 / 60 else 0 end)
from incident_subscribers n
join (select incident_no, max(mapped_at) as at from incident_subscribers group by 1) m
  using (incident_no)
group by n.incident_no, n.class;

-- What an incident's list was made of and how far it is. A worker goes round the subscribers in ranges
-- of `step` ids from `mapped_to` on, beginning again at 0, while `left_to_map` of them are to be looked
-- at; likewise for flags. A list that is not complete is not acted upon: counts are an estimate by
-- cells, nobody is told, flags wait.
alter table impact_state rename to impact_state_of_012;
create table impact_state (
  incident_no integer primary key,
  incident_id text not null unique,
  cells_key text not null,        -- hash of cells, degrees and whether it is over
  mapped_at timestamptz not null, -- when the last look at everybody began
  changed_at timestamptz not null, -- the last mapping that added or changed a subscriber
  counted_at timestamptz not null, -- what impact_counts.minutes stands at
  is_complete boolean not null default true,
  step integer not null default 2147483647,
  mapped_to integer not null default 0,
  left_to_map integer not null default 0,
  flagged_to integer not null default 0,
  left_to_flag integer not null default 0,
  estimate jsonb                  -- ImpactCounts (src/impact/rank.ts) as of mapped_at
);
create index on impact_state (incident_no)
  where left_to_map > 0 or left_to_flag > 0 or not is_complete;
insert into impact_state (incident_no, incident_id, cells_key, mapped_at, changed_at, counted_at)
select i.incident_no, o.incident_id, '', o.mapped_at, o.changed_at,
  coalesce((select max(n.mapped_at) from incident_subscribers n where n.incident_no = i.incident_no),
    o.mapped_at)
from impact_state_of_012 o join incidents i using (incident_id);
drop table impact_state_of_012;
