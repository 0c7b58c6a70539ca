/**
 * Statements of the impact mapping. Times are timestamptz in network time, cells and incidents go by
 * number. A person is looked at as a whole: all their evidence against all the incident's cells.
 */

/** Sum of neighbour weights outside the incident, by cell. $1 cell ids, $2 now. */
export const HEALTHY_OVERLAP = `
  select n.cell_id as "cellId", sum(n.weight) as overlap
  from neighbours n
  where n.cell_id = any($1::text[]) and n.valid_from <= $2 and n.valid_to > $2
    and not (n.neighbour_id = any($1::text[]))
  group by n.cell_id`;

/**
 * Makes the incident's cells these; a change of degree under 0.01 is let be. Cells that are lost no
 * longer stay with degree 0 until their people have been looked at. $1 incident number, $2 cell ids,
 * $3 degrees, $4 since when. @returns `cellNo` of those that changed
 */
export const CHANGE_CELLS = `
with wanted as materialized (
  select distinct on (n.cell_no) n.cell_no, w.degree, w.since
  from unnest($2::text[], $3::float8[], $4::timestamptz[]) as w(cell_id, degree, since)
  join cell_numbers n using (cell_id)
  order by n.cell_no, w.degree desc),
written as (
  insert into incident_cells as c (incident_no, cell_no, degree, since)
  select $1, cell_no, degree, since from wanted order by cell_no
  on conflict (incident_no, cell_no) do update set degree = excluded.degree, since = excluded.since
    where abs(c.degree - excluded.degree) >= 0.01 or c.since <> excluded.since
  returning cell_no),
gone as (
  update incident_cells c set degree = 0
  where c.incident_no = $1 and c.degree > 0 and c.cell_no not in (select cell_no from wanted)
  returning cell_no)
select cell_no as "cellNo" from written union all select cell_no from gone order by 1`;

/** Forgets cells whose people have been looked at. $1 incident number. */
export const DROP_GONE_CELLS = `delete from incident_cells where incident_no = $1 and degree = 0`;

/** Sites of some cells, with who lives there by their own word. $1 cell numbers. */
const HOMES_OF = (cells: string): string => `
    select s.subscriber_id from cell_numbers n
    join cells c on c.cell_id = n.cell_id
    join subscribers s on s.home_site = c.site_id and not s.declares_cells
    where n.cell_no = any(${cells})`;

/** How many people cells may concern, counted up to a limit. $1 cell numbers, $2 limit. */
export const PEOPLE_OF_CELLS = `
select count(*)::int as people from (
  select 1 from (
    select u.subscriber_id from unnest($1::int[]) as c(cell_no) join usual_cells u using (cell_no)
    union all
    select s.subscriber_id from unnest($1::int[]) as c(cell_no) join last_seen s using (cell_no)
    union all ${HOMES_OF('$1::int[]')}) as each limit $2) as counted`;

/** Whom a mapping looks at. */
export type MappingScope =
  /** $9 and $10: everybody above one id up to another */
  | 'range'
  /** $9: cell numbers; everybody who is or was at one of them */
  | 'cells';

interface ScopeSql {
  /** leading common table expressions */
  readonly first: string;
  /** restricts rows of an alias that has a subscriber_id */
  restrict(alias: string): string;
}

const SCOPES: Record<MappingScope, ScopeSql> = {
  range: {
    first: '',
    restrict: (alias) => `${alias}.subscriber_id > $9::int and ${alias}.subscriber_id <= $10::int`,
  },
  cells: {
    first: `concerned as materialized (
    select u.subscriber_id from unnest($9::int[]) as c(cell_no) join usual_cells u using (cell_no)
    union
    select s.subscriber_id from unnest($9::int[]) as c(cell_no) join last_seen s using (cell_no)
    union ${HOMES_OF('$9::int[]')}),`,
    restrict: (alias) => `${alias}.subscriber_id = any(array(select subscriber_id from concerned))`,
  },
};

/** Share of each site's cells that are lost. $2 now. */
const SITE_SHARE = `site_share as materialized (
  select c.site_id, count(l.cell_no)::float8 / count(*) as share,
    avg(l.degree) as degree, min(l.since) as since
  from cells c join cell_numbers n using (cell_id) left join lost l using (cell_no)
  where c.valid_from <= $2 and c.valid_to > $2 and c.site_id in (
    select h.site_id from lost join cell_numbers m using (cell_no) join cells h using (cell_id)
    where h.valid_from <= $2 and h.valid_to > $2)
  group by c.site_id)`;

/**
 * Evidence about everybody in scope whom the incident may concern. $1 incident number, $2 now,
 * $5 home weight, $6 part of the week, 0 when only declared cells count: what is learnt of somebody
 * for this part replaces what was declared.
 */
const evidence = ({ first, restrict }: ScopeSql, isLearnt: boolean): string => `${first}
lost as materialized (
  select cell_no, degree::float8 as degree, since from incident_cells
  where incident_no = $1 and degree > 0),
seen_here as (
  select s.subscriber_id, l.degree, greatest(l.since, s.seen_at) as since,
    greatest(0, date_part('epoch',
      case when s.seen_at <= l.since then l.since else $2::timestamptz end - s.seen_at) / 60) as age
  from lost l join last_seen s using (cell_no) where ${restrict('s')}),
usual as (
  select u.subscriber_id, sum(u.weight) as share,
    sum(u.weight * l.degree) / sum(u.weight) as degree, min(l.since) as since, min(u.class) as class
  from lost l join usual_cells u using (cell_no)
  where ${restrict('u')} and ${
    isLearnt
      ? `(u.part = $6::smallint or u.part = 0 and not exists (
    select from usual_cells x where x.subscriber_id = u.subscriber_id and x.part = $6::smallint))`
      : 'u.part = 0 and $6::smallint is not null'
  }
  group by u.subscriber_id),
${SITE_SHARE},
home as (
  select s.subscriber_id, h.share * $5::float8 as share, h.degree, h.since, s.class
  from site_share h join subscribers s on s.home_site = h.site_id
  where not s.declares_cells and s.erased_at is null and ${restrict('s')} and not exists (
    select from usual_cells u where u.subscriber_id = s.subscriber_id
      and u.part ${isLearnt ? 'in (0, $6::smallint)' : '= 0'})),
resting as (select * from usual union all select * from home),
placed as (
  select coalesce(h.subscriber_id, r.subscriber_id) as subscriber_id, r.class,
    h.subscriber_id is not null as is_here,
    case when h.subscriber_id is null then date_part('epoch', $2::timestamptz - e.seen_at) / 60
      else h.age end as age,
    h.degree as here_degree, h.since as here_since,
    least(1, coalesce(r.share, 0)) as rest_share,
    coalesce(r.degree, 0) as rest_degree, r.since as rest_since
  from seen_here h
  full join resting r on r.subscriber_id = h.subscriber_id
  left join last_seen e on e.subscriber_id = r.subscriber_id and h.subscriber_id is null)`;

/**
 * From evidence to probability, degree and since when: the arithmetic of src/impact/probability.ts.
 * $3 half-life and $4 greatest age of a sighting in minutes, $7 least probability. Somebody who is
 * known by a sighting alone gets their class here.
 */
const SCORED = `
weighed as materialized (
  select *, case when age is null or age > $4::float8 then 0
    else power(0.5::float8, greatest(0, age) / $3::float8) end as w
  from placed),
scored as materialized (
  select subscriber_id, class,
    w * is_here::int + (1 - w) * rest_share as p,
    w * coalesce(here_degree, 0) * is_here::int + (1 - w) * rest_share * rest_degree as loss,
    coalesce(case when w > 0 then here_since end, rest_since, here_since) as since
  from weighed),
fresh as materialized (
  select c.subscriber_id, least(1, c.p)::real as p, (c.loss / c.p)::real as degree,
    least(c.since, $2::timestamptz) as since,
    coalesce(c.class, (select s.class from subscribers s where s.subscriber_id = c.subscriber_id))
      as class
  from scored c where c.p >= $7::float8)`;

/** User-minutes an open row has gathered since it was last written. */
const GATHERED = `i.probability * i.degree
  * date_part('epoch', $2::timestamptz - i.mapped_at) / 60`;

/**
 * What is to be written: rows that are new, come back, end, or changed by 0.05 or more in probability
 * or degree. $8 degree from which service is none. `was` says whether there was a current row.
 */
const difference = ({ restrict }: ScopeSql): string => `
present as (
  select * from incident_subscribers i where i.incident_no = $1 and ${restrict('i')}),
change as materialized (
  select coalesce(f.subscriber_id, i.subscriber_id) as subscriber_id, coalesce(i.class, f.class) as class,
    f.p, f.degree, f.since, f.degree >= $8::float8 as is_none, f.subscriber_id is not null as is_now,
    i.subscriber_id is not null as is_known,
    i.subscriber_id is not null and i.affected_to is null as was,
    coalesce(i.probability, 0) as old_p, coalesce(i.degree, 0) as old_degree,
    coalesce(i.service = 'none', false) as was_none,
    case when i.subscriber_id is null
      then f.p::float8 * f.degree * date_part('epoch', $2::timestamptz - f.since) / 60 else 0 end
      as gathered
  from fresh f full join present i on i.subscriber_id = f.subscriber_id
  where f.subscriber_id is null and i.affected_to is null
    or f.subscriber_id is not null and (i.subscriber_id is null or i.affected_to is not null
      or (i.service = 'none') <> (f.degree >= $8::float8)
      or abs(i.probability - f.p) >= 0.05 or abs(i.degree - f.degree) >= 0.05)),
added as (
  insert into incident_subscribers (incident_no, subscriber_id, affected_from, mapped_at,
    probability, degree, minutes, class, reachable, service)
  select $1, c.subscriber_id, c.since, $2, c.p, c.degree, c.gathered, c.class,
    not c.is_none or c.p < 0.5, case when c.is_none then 'none' else 'degraded' end
  from change c where not c.is_known and c.class is not null order by c.subscriber_id
  returning 1),
altered as (
  update incident_subscribers i set probability = c.p, degree = c.degree,
    service = case when c.is_none then 'none' else 'degraded' end,
    reachable = not c.is_none or c.p < 0.5,
    affected_from = case when c.was then i.affected_from else $2 end, affected_to = null,
    minutes = i.minutes + case when c.was then ${GATHERED} else 0 end, mapped_at = $2
  from change c
  where i.incident_no = $1 and i.subscriber_id = c.subscriber_id and c.is_known and c.is_now
    and i.subscriber_id = any(array(
      select subscriber_id from change where is_known and is_now order by 1))
  returning 1),
ended as (
  update incident_subscribers i
  set affected_to = $2, minutes = i.minutes + ${GATHERED}, mapped_at = $2
  from change c
  where i.incident_no = $1 and i.subscriber_id = c.subscriber_id and not c.is_now
    and i.subscriber_id = any(array(select subscriber_id from change where not is_now order by 1))
  returning 1),
counted as (
  insert into impact_counts as k (incident_no, class, people, without_service, ever, expected,
    ever_expected, loss, minutes)
  select $1, c.class, sum(c.is_now::int - c.was::int),
    sum((c.is_now and c.is_none)::int - (c.was and c.was_none)::int),
    sum((not c.is_known)::int),
    sum(coalesce(c.p, 0)::float8 - case when c.was then c.old_p else 0 end),
    sum(case when c.is_now then c.p::float8 - c.old_p else 0 end),
    sum(coalesce(c.p::float8 * c.degree, 0)
      - case when c.was then c.old_p::float8 * c.old_degree else 0 end),
    sum(c.gathered)
  from change c where c.class is not null group by c.class
  on conflict (incident_no, class) do update set
    people = k.people + excluded.people,
    without_service = k.without_service + excluded.without_service,
    ever = k.ever + excluded.ever, expected = k.expected + excluded.expected,
    ever_expected = k.ever_expected + excluded.ever_expected,
    loss = k.loss + excluded.loss, minutes = k.minutes + excluded.minutes
  returning 1)`;

/**
 * Brings the rows of everybody in scope, and the incident's counts, up to its cells. The counts must
 * stand at `$2` (CARRY_COUNTS). @returns `{changed, left}`: rows added or altered, rows that ended
 */
export function mapStatement(scope: MappingScope, isLearnt: boolean): string {
  const sql = SCOPES[scope];
  return `with ${evidence(sql, isLearnt)}, ${SCORED}, ${difference(sql)}
select ((select count(*) from added) + (select count(*) from altered))::int as changed,
  (select count(*) from ended)::int as left, (select count(*) from counted)::int as classes`;
}

/** Brings user-minutes forward. $1 incident number, $2 since when they stand, $3 until when. */
export const CARRY_COUNTS = `
update impact_counts set minutes = minutes + loss
  * date_part('epoch', $3::timestamptz - $2::timestamptz) / 60
where incident_no = $1 and loss <> 0`;

/**
 * Ends the current rows of an incident that is over. $1 incident number, $2 when it ended, $3 and $4
 * range of people. @returns `{left}`
 */
export const CLOSE_RANGE = `
with ended as (
  update incident_subscribers i
  set affected_to = greatest(i.affected_from, $2::timestamptz), mapped_at = $2,
    minutes = greatest(0, i.minutes + i.probability * i.degree
      * date_part('epoch', $2::timestamptz - i.mapped_at) / 60)
  where i.incident_no = $1 and i.subscriber_id > $3 and i.subscriber_id <= $4 and i.affected_to is null
  returning 1)
select count(*)::int as left from ended`;

/** Counts of an incident that is over: nobody is affected any more. $1 incident number. */
export const CLOSE_COUNTS = `
update impact_counts set people = 0, without_service = 0, expected = 0, loss = 0,
  minutes = greatest(0, minutes)
where incident_no = $1`;

function bySegment(counts: string): string {
  const sum = (column: string, where: string): string =>
    `coalesce(sum(n.${column}) filter (where ${where}), 0)`;
  const isPerson = `c.kind <> 'machine'`;
  return `select c.segment, ${sum('people', isPerson)}::int as subscribers,
  ${sum('people', `c.kind = 'machine'`)}::int as machines,
  ${sum('expected', isPerson)}::float8 as expected, ${sum('loss', isPerson)}::float8 as loss,
  ${sum('minutes', isPerson)}::float8 as "userMinutes",
  ${sum('expected', 'c.vulnerable')}::float8 as vulnerable,
  ${sum('without_service', `c.kind = 'emergency'`)}::int as "emergencyServices"
from ${counts} n join subscriber_classes c using (class)
group by c.segment order by c.segment`;
}

/** Counts by segment. $1 incident number, $2 whether everybody ever affected counts. */
export const COUNT_INCIDENT = `
with by_class as (
  select class, without_service, loss, minutes,
    case when $2::boolean then ever else people end as people,
    case when $2::boolean then ever_expected else expected end as expected
  from impact_counts where incident_no = $1)
${bySegment('by_class')}`;

/** One of so many people stands for all in an estimate. */
const SAMPLE = 16;

/**
 * The same counts as a quick estimate while the list is being made: from usual cells of one person in
 * 16, by number, and homes, without sightings.
 * $1 incident number, $2 now, $3 home weight, $4 part of the week or 0, $5 least probability, $6
 * degree from which service is none.
 */
export const ESTIMATE_INCIDENT = `
with lost as materialized (
  select cell_no, degree::float8 as degree, since from incident_cells
  where incident_no = $1 and degree > 0),
${SITE_SHARE},
usual as (
  select ${SAMPLE} as people, min(u.class) as class, min(l.since) as since,
    least(1, coalesce(sum(u.weight) filter (where u.part > 0),
      sum(u.weight) filter (where u.part = 0)))::float8 as p,
    (sum(u.weight * l.degree) / sum(u.weight))::float8 as degree
  from lost l join usual_cells u using (cell_no)
  where u.part in (0, $4::smallint) and u.subscriber_id % ${SAMPLE} = 0
  group by u.subscriber_id),
home as (
  select 1 as people, s.class, h.since, h.share * $3::float8 as p, h.degree
  from site_share h join subscribers s on s.home_site = h.site_id
  where not s.declares_cells and s.erased_at is null),
by_class as (
  select class, sum(people) as people, sum(people * p) as expected, sum(people * p * degree) as loss,
    sum(people * p * degree * date_part('epoch', $2::timestamptz - since) / 60) as minutes,
    sum(people) filter (where degree >= $6::float8) as without_service
  from (select people, class, since, p, degree from usual union all select * from home) as each
  where p >= $5 group by class)
${bySegment('by_class')}`;
