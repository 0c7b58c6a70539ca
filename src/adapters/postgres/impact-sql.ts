import type { WhereaboutsMode } from '../../impact/whereabouts-rules.js';

/**
 * Statements of the impact mapping. Times are timestamptz in network time, cells and incidents go by
 * number. A person is looked at as a whole: all their evidence against all the incident's cells.
 */

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
  | 'cells'
  /** $9: people; $10: every cell that they were seen or usually are at */
  | 'people';

interface ScopeSql {
  /** leading common table expressions */
  readonly first: string;
  /** restricts rows of an alias that has a subscriber_id */
  restrict(alias: string): string;
  /** restricts the cells that count; default: all of the incident's */
  readonly lost?: string;
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
    // by person where evidence lies: an array would be looked up in each lost cell
    restrict: (alias) =>
      alias === 'i'
        ? 'i.subscriber_id = any(array(select subscriber_id from concerned))'
        : `${alias}.subscriber_id in (select subscriber_id from concerned)`,
  },
  people: {
    first: '',
    restrict: (alias) => `${alias}.subscriber_id = any($9::int[])`,
    lost: 'and cell_no = any($10::int[])',
  },
};

const lostCells = (restriction = ''): string => `lost as materialized (
  select cell_no, degree::float8 as degree, none::float8 as none, since from incident_cells
  where incident_no = $1 and degree > 0 ${restriction})`;

/** Moments of `staySegments` in seconds: begins $3, ends $4, rates $5, rates summed up after $6. */
const leavingSince = (seconds: string): string => {
  const at = `width_bucket(${seconds}, $3::float8[])`;
  return `case when ${seconds} >= date_part('epoch', $2::timestamptz) then 0
    else coalesce(($6::float8[])[${at}] + ($5::float8[])[${at}]
      * (($4::float8[])[${at}] - ${seconds}), 'infinity') end`;
};

const NO_SIGHTINGS = `select null::int as subscriber_id, null::float8 as degree, null::float8 as none,
    null::timestamptz as since, null::timestamptz as seen_at where false`;
const NO_USUAL = `select null::int as subscriber_id, null::float8 as p, null::float8 as loss,
    null::float8 as none, null::timestamptz as since, null::smallint as class where false`;

const usualCells = (restriction: string): string => `
  select u.subscriber_id, least(1, sum(u.weight::float8)) as p, sum(u.weight::float8 * l.degree) as loss,
    sum(u.weight::float8 * l.none) as none, min(l.since) as since, min(u.class) as class
  from lost l join usual_cells u using (cell_no)
  where ${restriction} and (u.part = $7::smallint or u.part = 0 and not exists (
    select from usual_cells x where x.subscriber_id = u.subscriber_id and x.part = $7::smallint))
  group by u.subscriber_id`;

/** Nobody whose usual cells are known rests at the declared place. */
const NOT_USUAL = `and not exists (select from usual_cells u where u.subscriber_id = s.subscriber_id
      and u.part in (0, $7::smallint))`;

/**
 * Evidence about everybody in scope whom the incident may concern. $1 incident number, $2 now, $7
 * part of the week: what is learnt of somebody for it replaces what was declared.
 */
const evidence = ({ first, restrict, lost }: ScopeSql, mode: WhereaboutsMode): string => `${first}
${lostCells(lost)},
seen_here as (${
  mode === 'declared'
    ? NO_SIGHTINGS
    : `select s.subscriber_id, l.degree, l.none, l.since, s.seen_at
  from lost l join last_seen s using (cell_no) where ${restrict('s')}`
}),
usual as (${mode === 'learnt' ? usualCells(restrict('u')) : NO_USUAL}),
home as (
  select s.subscriber_id, h.probability::float8 as p, h.loss::float8 as loss, h.none::float8 as none,
    h.since, s.class
  from incident_sites h join subscribers s on s.home_site = h.site_id
  where h.incident_no = $1 and not s.declares_cells and s.erased_at is null and ${restrict('s')}
    ${mode === 'learnt' ? NOT_USUAL : 'and $7::smallint is not null'}),
resting as (select * from usual union all select * from home),
elsewhere as (${
  mode === 'declared'
    ? `select null::int as subscriber_id, null::timestamptz as seen_at where false`
    : `select e.subscriber_id, e.seen_at from resting r join last_seen e using (subscriber_id)
  where not exists (select from lost l where l.cell_no = e.cell_no)
    and not exists (select from incident_catching k where k.incident_no = $1
      and k.cell_no = e.cell_no and k.since <= e.seen_at)`
}),
placed as (
  select coalesce(h.subscriber_id, r.subscriber_id) as subscriber_id, r.class,
    h.subscriber_id is not null as is_here, coalesce(h.degree, 0) as here_degree,
    coalesce(h.none, 0) as here_none, greatest(h.since, h.seen_at) as here_since,
    date_part('epoch', coalesce(h.seen_at, e.seen_at)) as seen,
    case when h.none > 0 then greatest(date_part('epoch', h.since), date_part('epoch', h.seen_at))
      end as dark,
    coalesce(r.p, 0) as rest_p, coalesce(r.loss, 0) as rest_loss, coalesce(r.none, 0) as rest_none,
    r.since as rest_since
  from seen_here h
  full join resting r on r.subscriber_id = h.subscriber_id
  left join elsewhere e on e.subscriber_id = r.subscriber_id and h.subscriber_id is null)`;

/** How sure it is that somebody is affected who says so. */
const SAID = '0.95::float8';

/**
 * From evidence to probability, loss and since when: the arithmetic of src/impact/whereabouts.ts and
 * stay.ts. $8 least probability. Somebody who is known by a sighting alone gets their class here.
 * What somebody told an agent of this incident last counts instead of all else.
 */
const scored = ({ restrict }: ScopeSql): string => `
said as materialized (
  select distinct on (a.subscriber_id) a.subscriber_id, a.answer, a.at from agent_answers a
  where a.incident_no = $1 and a.undone_at is null and a.answer in ('notAffected', 'stillDown')
    and ${restrict('a')}
  order by a.subscriber_id, a.at desc, a.answer_id),
weighed as materialized (
  select *, case when seen is null then 0
    when (${leavingSince('seen')}) = 'infinity' then 0
    else exp(-greatest(0, (${leavingSince('seen')})
      - case when dark is null then 0 else (${leavingSince('dark')}) end)) end as w
  from placed),
scored as materialized (
  select subscriber_id, class, least(1, w * is_here::int + (1 - w) * rest_p) as p,
    w * here_degree + (1 - w) * rest_loss as loss, w * here_none + (1 - w) * rest_none as none,
    coalesce(case when w > 0 then here_since end, rest_since, here_since) as since
  from weighed where subscriber_id not in (select subscriber_id from said)
  union all
  select subscriber_id, null, ${SAID}, ${SAID}, ${SAID}, at from said where answer = 'stillDown'),
fresh as materialized (
  select c.subscriber_id, c.p::real as p, (c.loss / c.p)::real as degree, (c.none / c.p)::real as none,
    c.none::real as silent, least(c.since, $2::timestamptz) as since,
    coalesce(c.class, (select s.class from subscribers s where s.subscriber_id = c.subscriber_id))
      as class
  from scored c where c.p >= $8::float8)`;

/** User-minutes an open row has gathered since it was last written. */
const GATHERED = `i.probability * i.degree
  * date_part('epoch', $2::timestamptz - i.mapped_at) / 60`;

/**
 * What is to be written: rows that are new, come back, end, or changed by 0.05 or more in probability
 * or degree. `was` says whether there was a current row.
 */
const difference = ({ restrict }: ScopeSql): string => `
present as (
  select * from incident_subscribers i where i.incident_no = $1 and ${restrict('i')}),
change as materialized (
  select coalesce(f.subscriber_id, i.subscriber_id) as subscriber_id, coalesce(i.class, f.class) as class,
    f.p, f.degree, f.since, f.none >= 0.5 as is_none, f.silent < 0.5 as is_reachable, f.subscriber_id is not null as is_now,
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
      or (i.service = 'none') <> (f.none >= 0.5) or i.reachable <> (f.silent < 0.5)
      or abs(i.probability - f.p) >= 0.05 or abs(i.degree - f.degree) >= 0.05)),
added as (
  insert into incident_subscribers (incident_no, subscriber_id, affected_from, mapped_at,
    probability, degree, minutes, class, reachable, service)
  select $1, c.subscriber_id, c.since, $2, c.p, c.degree, c.gathered, c.class,
    c.is_reachable, case when c.is_none then 'none' else 'degraded' end
  from change c where not c.is_known and c.class is not null order by c.subscriber_id
  returning 1),
altered as (
  update incident_subscribers i set probability = c.p, degree = c.degree,
    service = case when c.is_none then 'none' else 'degraded' end,
    reachable = c.is_reachable,
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
export function mapStatement(scope: MappingScope, mode: WhereaboutsMode): string {
  const sql = SCOPES[scope];
  return `with ${evidence(sql, mode)}, ${scored(sql)}, ${difference(sql)}
select ((select count(*) from added) + (select count(*) from altered))::int as changed,
  (select count(*) from ended)::int as left, (select count(*) from counted)::int as classes`;
}

/**
 * How probably an incident affects some people, by the same arithmetic, whether or not they are on
 * its list yet. Parameters as above. @returns those of at least the least probability
 */
export function peopleStatement(mode: WhereaboutsMode): string {
  return `with ${evidence(SCOPES.people, mode)}, ${scored(SCOPES.people)}
select f.subscriber_id as "subscriberId", f.p::float8 as probability, f.none >= 0.5 as "isNone",
  coalesce(i.affected_from, f.since) as since
from fresh f left join incident_subscribers i
  on i.incident_no = $1 and i.subscriber_id = f.subscriber_id and i.affected_to is null`;
}

/** @param ever the column with the sum of probability over everybody ever affected */
function bySegment(counts: string, ever = 'expected'): string {
  const sum = (column: string, where: string): string =>
    `coalesce(sum(n.${column}) filter (where ${where}), 0)`;
  const isPerson = `c.kind <> 'machine'`;
  return `select c.segment, ${sum('people', isPerson)}::int as subscribers,
  ${sum('people', `c.kind = 'machine'`)}::int as machines,
  ${sum('expected', isPerson)}::float8 as expected, ${sum('loss', isPerson)}::float8 as loss,
  ${sum('minutes', isPerson)}::float8 as "userMinutes", ${sum(ever, isPerson)}::float8 as ever,
  coalesce(sum(n.without_service * n.expected / nullif(n.people, 0))
    filter (where c.kind in ('person', 'fleet')), 0)::float8 as "withoutVoice",
  ${sum('expected', 'c.vulnerable')}::float8 as vulnerable,
  ${sum('without_service', `c.kind = 'emergency'`)}::int as "emergencyServices"
from ${counts} n join subscriber_classes c using (class)
group by c.segment order by c.segment`;
}

/** Counts by segment. $1 incident number, $2 whether everybody ever affected counts. */
export const COUNT_INCIDENT = `
with by_class as (
  select class, without_service, loss, minutes, ever_expected,
    case when $2::boolean then ever else people end as people,
    case when $2::boolean then ever_expected else expected end as expected
  from impact_counts where incident_no = $1)
${bySegment('by_class', 'ever_expected')}`;

/** One of so many people stands for all in an estimate. */
const SAMPLE = 16;

/**
 * The same counts as a quick estimate while the list is being made: from usual cells of one person in
 * 16, by number, and homes, without sightings. $1 incident number, $2 now, $3 least probability, $4
 * part of the week.
 */
export function estimateStatement(mode: WhereaboutsMode): string {
  const usual = mode === 'learnt' ? usualCells(`u.subscriber_id % ${SAMPLE} = 0`) : NO_USUAL;
  return `
with ${lostCells()},
usual as (${usual}),
home as (
  select s.class, h.since, h.probability::float8 as p, h.loss::float8 as loss, h.none::float8 as none
  from incident_sites h join subscribers s on s.home_site = h.site_id
  where h.incident_no = $1 and not s.declares_cells and s.erased_at is null),
by_class as (
  select class, sum(people) as people, sum(people * p) as expected, sum(people * loss) as loss,
    sum(people * loss * date_part('epoch', $2::timestamptz - since) / 60) as minutes,
    sum(people) filter (where none >= 0.5 * p) as without_service
  from (select ${SAMPLE} as people, class, since, p, loss, none from usual
    union all select 1, class, since, p, loss, none from home) as each
  where p >= $3::float8 and $4::smallint is not null group by class)
${bySegment('by_class')}`.replaceAll('$7', '$4');
}
