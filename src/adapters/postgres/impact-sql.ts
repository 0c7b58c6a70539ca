/**
 * Statements of the impact mapping. Times are timestamptz in network time.
 * `lost` is an incident's cells: id, share of service lost after neighbours, since when.
 */
const LOST = `lost as materialized (
  select n.cell_no, l.*
  from unnest($2::text[], $3::float8[], $4::timestamptz[]) as l(cell_id, degree, since)
  join cell_numbers n using (cell_id))`;

/** Sum of neighbour weights outside the incident, by cell. $1 cell ids, $2 now. */
export const HEALTHY_OVERLAP = `
  select n.cell_id as "cellId", sum(n.weight) as overlap
  from neighbours n
  where n.cell_id = any($1::text[]) and n.valid_from <= $2 and n.valid_to > $2
    and not (n.neighbour_id = any($1::text[]))
  group by n.cell_id`;

/**
 * Who is affected now, with probability, degree and since when; the arithmetic of
 * src/impact/probability.ts. $5 now, $6 half-life and $7 greatest age of a sighting in minutes,
 * $8 home weight, $9 least probability.
 */
const AFFECTED = `${LOST},
seen_here as (
  select s.subscriber_id, l.degree, greatest(l.since, s.seen_at) as since,
    greatest(0, extract(epoch from
      case when s.seen_at <= l.since then l.since else $5::timestamptz end - s.seen_at)::float8 / 60)
      as age
  from last_seen s join lost l using (cell_no)),
usual as (
  select u.subscriber_id, sum(u.weight) as share,
    sum(u.weight * l.degree) / sum(u.weight) as degree, min(l.since) as since
  from usual_cells u join lost l using (cell_no)
  where u.part = 0
  group by u.subscriber_id),
site_share as (
  select c.site_id, count(l.cell_id)::float8 / count(*) as share,
    avg(l.degree) as degree, min(l.since) as since
  from cells c left join lost l using (cell_id)
  where c.valid_from <= $5 and c.valid_to > $5 and c.site_id in (
    select h.site_id from cells h join lost using (cell_id)
    where h.valid_from <= $5 and h.valid_to > $5)
  group by c.site_id),
home as (
  select s.subscriber_id, h.share * $8::float8 as share, h.degree, h.since
  from subscribers s join site_share h on h.site_id = s.home_site
  where not exists (select 1 from usual_cells u where u.subscriber_id = s.subscriber_id)),
resting as (select * from usual union all select * from home),
placed as (
  select coalesce(h.subscriber_id, r.subscriber_id) as subscriber_id,
    h.subscriber_id is not null as is_here,
    case when h.subscriber_id is null then extract(epoch from $5::timestamptz - e.seen_at)::float8 / 60
      else h.age end as age,
    h.degree as here_degree, h.since as here_since,
    least(1, coalesce(r.share, 0)) as rest_share,
    coalesce(r.degree, 0) as rest_degree, r.since as rest_since
  from seen_here h
  full join resting r on r.subscriber_id = h.subscriber_id
  left join last_seen e on e.subscriber_id = r.subscriber_id and h.subscriber_id is null),
weighed as materialized (
  select *, case when age is null or age > $7::float8 then 0
    else power(0.5::float8, greatest(0, age) / $6::float8) end as w
  from placed),
scored as materialized (
  select subscriber_id,
    w * is_here::int + (1 - w) * rest_share as p,
    w * coalesce(here_degree, 0) * is_here::int + (1 - w) * rest_share * rest_degree as loss,
    coalesce(case when w > 0 then here_since end, rest_since, here_since) as since
  from weighed),
fresh as materialized (
  select c.subscriber_id, least(1, c.p)::real as p, (c.loss / c.p)::real as degree,
    least(c.since, $5::timestamptz) as since
  from scored c join subscribers s using (subscriber_id)
  where c.p >= $9::float8 and s.erased_at is null)`;

/** User-minutes an open row has gathered since it was last counted. */
const GATHERED = `i.probability * i.degree
  * extract(epoch from $5::timestamptz - i.mapped_at)::float8 / 60`;

/**
 * Makes the incident's current rows those of AFFECTED, by difference; small changes of probability
 * or degree (under 0.05) are let be. NOT IN is hashed whatever the planner expects; NOT EXISTS became
 * a loop over both sides while statistics were young. $1 incident, $10 degree from which service is none.
 * @returns `{changed, left}`: rows added or altered, rows that ended
 */
export const MAP_INCIDENT = `
with ${AFFECTED},
written as (
  insert into incident_subscribers as i (incident_id, subscriber_id, probability, service, degree,
    reachable, affected_from, minutes, mapped_at)
  select $1, f.subscriber_id, f.p,
    case when f.degree >= $10::float8 then 'none' else 'degraded' end, f.degree,
    f.degree < $10::float8 or f.p < 0.5, f.since,
    f.p * f.degree * extract(epoch from $5::timestamptz - f.since)::float8 / 60, $5
  from fresh f order by f.subscriber_id
  on conflict (incident_id, subscriber_id) do update set
    probability = excluded.probability, service = excluded.service, degree = excluded.degree,
    reachable = excluded.reachable,
    affected_from = case when i.affected_to is null then i.affected_from else $5 end,
    affected_to = null,
    minutes = i.minutes + case when i.affected_to is null then ${GATHERED} else 0 end,
    mapped_at = $5
  where i.affected_to is not null or i.service <> excluded.service
    or i.reachable <> excluded.reachable
    or abs(i.probability - excluded.probability) >= 0.05
    or abs(i.degree - excluded.degree) >= 0.05
  returning 1),
ended as (
  update incident_subscribers i
  set affected_to = $5, minutes = i.minutes + ${GATHERED}, mapped_at = $5
  where i.incident_id = $1 and i.affected_to is null
    and i.subscriber_id not in (select subscriber_id from fresh)
  returning 1)
select (select count(*) from written)::int as changed, (select count(*) from ended)::int as left`;

/** Ends every current row of an incident that is over. $1 incident, $2 when it ended. */
export const CLOSE_INCIDENT = `
  update incident_subscribers i
  set affected_to = greatest(i.affected_from, $2::timestamptz), mapped_at = $2,
    minutes = greatest(0, i.minutes + i.probability * i.degree
      * extract(epoch from $2::timestamptz - i.mapped_at)::float8 / 60)
  where i.incident_id = $1 and i.affected_to is null`;

/**
 * Counts by segment. $1 incident, $2 now, $3 whether everybody ever affected counts (incident over)
 * or only those who are.
 */
export const COUNT_INCIDENT = `
  select s.segment,
    count(*) filter (where current and s.kind <> 'machine')::int as subscribers,
    count(*) filter (where current and s.kind = 'machine')::int as machines,
    coalesce(sum(i.probability) filter (where current and s.kind <> 'machine'), 0)::float8
      as expected,
    coalesce(sum(i.probability * i.degree) filter (where current and s.kind <> 'machine'), 0)::float8
      as loss,
    coalesce(sum(i.minutes + case when i.affected_to is null then i.probability * i.degree
      * extract(epoch from $2::timestamptz - i.mapped_at)::float8 / 60 else 0 end)
      filter (where s.kind <> 'machine'), 0)::float8 as "userMinutes",
    coalesce(sum(i.probability) filter (where current and s.vulnerable), 0)::float8 as vulnerable,
    count(*) filter (where i.affected_to is null and s.kind = 'emergency' and i.service = 'none')::int
      as "emergencyServices"
  from incident_subscribers i
  join subscribers s using (subscriber_id)
  cross join lateral (select i.affected_to is null or $3::boolean as current) c
  where i.incident_id = $1
  group by s.segment order by s.segment`;
