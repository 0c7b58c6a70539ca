/**
 * Takes sightings of phones that may be visitors': who has a subscription of ours is none. Keeps each
 * phone's newest. $1 subscribers, $2 fingerprints, $3 networks, $4 countries, $5 cells by number (null:
 * not known), $6 times, $7 latest time allowed. Answers for each, in their order, what became of it;
 * `ours`: nothing yet.
 */
export const APPLY_VISITORS = `
with given as materialized (
  select g.*, case
      when exists (select from subscriber_identifiers d
        where d.kind = 'imsi' and d.value = g.subscriber) or exists (
        select from subscriber_identifiers d
        where d.kind = 'msisdn' and d.value = '+' || ltrim(g.subscriber, '+')) then 'ours'
      when g.seen_at > $7 then 'future'
      when g.cell_no is null then 'unknownCell'
      else 'visitors' end as outcome
  from unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::timestamptz[])
    with ordinality as g (subscriber, visitor_key, network, country, cell_no, seen_at, place)),
kept as (
  insert into visitors_seen as v (visitor_key, network, country, cell_no, seen_at)
  select distinct on (visitor_key) visitor_key, network, country, cell_no, seen_at
  from given where outcome = 'visitors' order by visitor_key, seen_at desc, cell_no desc
  on conflict (visitor_key) do update set cell_no = excluded.cell_no, seen_at = excluded.seen_at
    where v.seen_at < excluded.seen_at
      or v.seen_at = excluded.seen_at and v.cell_no < excluded.cell_no)
select outcome from given order by place`;

/**
 * Counts visitors at an incident's cells: those seen at one so long before it failed, or since, and
 * nowhere else after. $1 incident number, $2 minutes before.
 */
export const COUNT_VISITORS = `
with here as (
  select v.network, v.country, count(*)::int as now
  from incident_cells c join visitors_seen v using (cell_no)
  where c.incident_no = $1 and c.degree > 0
    and v.seen_at >= c.since - make_interval(mins => $2)
  group by v.network, v.country),
gone as (
  update incident_visitors i set now = 0
  where i.incident_no = $1 and i.now > 0
    and not exists (select from here h where h.network = i.network and h.country = i.country))
insert into incident_visitors as i (incident_no, network, country, now, most)
select $1, network, country, now, now from here
on conflict (incident_no, network, country) do update set now = excluded.now,
  most = greatest(i.most, excluded.most)
where i.now <> excluded.now`;

/** $1 incident number, $2 whether it is over */
export const VISITORS_OF = `
select coalesce(sum(case when $2 then most else now end), 0)::int as visitors
from incident_visitors where incident_no = $1`;

/** Visitors of an incident by network, most first. $1 incident. */
export const INCIDENT_VISITORS = `
select network, country, now, most from incident_visitors
where incident_no = (select incident_no from incidents where incident_id = $1)
order by now desc, most desc, network, country`;

/** Visitors of some networks in an incident now. $1 incident, $2 networks. */
export const VISITORS_BY_NETWORK = `
select network, sum(now)::int as visitors from incident_visitors
where incident_no = (select incident_no from incidents where incident_id = $1)
  and network = any($2::text[])
group by network`;
