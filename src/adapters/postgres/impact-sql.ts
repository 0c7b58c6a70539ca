import type { WhereaboutsMode } from '../../impact/whereabouts-rules.js';
import { about, estimateSql, evidenceSql, type MappingScope } from './impact-evidence-sql.js';

/** Statements of the impact mapping; parameters as in impact-evidence-sql.ts. */

/** Who lives by their own word at the sites of some cells. */
const HOMES_OF = (cells: string): string => `
    select s.subscriber_id from cell_numbers n
    join cells c on c.cell_id = n.cell_id
    join subscribers s on s.home_site = c.site_id and not s.declares_cells
    where n.cell_no = any(${cells})`;

/**
 * Who is or was at some cells, or lives there. $1 cell numbers, $2 limit of rows read. @returns
 * `rows` read, `people` each once
 */
export const PEOPLE_OF_CELLS = `
with each as materialized (
  select subscriber_id from (
    select u.subscriber_id from unnest($1::int[]) as c(cell_no) join usual_cells u using (cell_no)
    union all
    select s.subscriber_id from unnest($1::int[]) as c(cell_no) join last_seen s using (cell_no)
    union all ${HOMES_OF('$1::int[]')}) as every limit $2)
select count(*)::int as rows, array(select distinct subscriber_id from each order by 1) as people
from each`;

const SERVICE_NAMES = ['voice', 'data', 'sms'] as const;
const SHIFTS = { voice: 0, data: 5, sms: 10 } as const;

/** The share of a service from `incident_subscribers.lost`. */
function shareOf(packed: string, service: (typeof SERVICE_NAMES)[number]): string {
  return `(((${packed} >> ${SHIFTS[service]}) & 31) / 31::float8)`;
}

/** User-minutes an open row has gathered since it was last written. */
const GATHERED = `i.probability * i.degree
  * date_part('epoch', $2::timestamptz - i.mapped_at) / 60`;

/**
 * What is to be written: rows that are new, come back, end, or changed by 0.05 or more in probability
 * or degree. `was` says whether there was a current row.
 */
const difference = (scope: MappingScope): string => `
present as (
  select * from ${about(scope, 'incident_subscribers', 'x.incident_no = $1')} i),
change as materialized (
  select coalesce(f.subscriber_id, i.subscriber_id) as subscriber_id, coalesce(i.class, f.class) as class,
    f.p, f.degree, f.since, f.none >= 0.5 as is_none, f.silent < 0.5 as is_reachable, f.lost,
    f.subscriber_id is not null as is_now,
    i.subscriber_id is not null as is_known,
    i.subscriber_id is not null and i.affected_to is null as was,
    coalesce(i.probability, 0) as old_p, coalesce(i.degree, 0) as old_degree,
    case when i.affected_to is null then coalesce(i.lost, 0) else 0 end as old_lost,
    case when i.subscriber_id is null
      then f.p::float8 * f.degree * date_part('epoch', $2::timestamptz - f.since) / 60 else 0 end
      as gathered
  from fresh f full join present i on i.subscriber_id = f.subscriber_id
  where f.subscriber_id is null and i.affected_to is null
    or f.subscriber_id is not null and (i.subscriber_id is null or i.affected_to is not null
      or (i.service = 'none') <> (f.none >= 0.5) or i.reachable <> (f.silent < 0.5)
      or abs(i.probability - f.p) >= 0.05 or abs(i.degree - f.degree) >= 0.05
      or i.lost <> f.lost and (${SERVICE_NAMES.map(
        (of) => `abs(${shareOf('i.lost', of)} - ${shareOf('f.lost', of)}) >= 0.05`,
      ).join(' or ')}))),
added as (
  insert into incident_subscribers (incident_no, subscriber_id, affected_from, mapped_at,
    probability, degree, minutes, class, reachable, lost, service)
  select $1, c.subscriber_id, c.since, $2, c.p, c.degree, c.gathered, c.class,
    c.is_reachable, c.lost, case when c.is_none then 'none' else 'degraded' end
  from change c where not c.is_known and c.class is not null order by c.subscriber_id
  returning 1),
altered as (
  update incident_subscribers i set probability = c.p, degree = c.degree,
    service = case when c.is_none then 'none' else 'degraded' end,
    reachable = c.is_reachable, lost = c.lost,
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
  insert into impact_counts as k (incident_no, class, people, without_voice, ever, expected,
    ever_expected, loss, minutes, voice, data, sms)
  select $1, c.class, sum(c.is_now::int - c.was::int),
    sum((c.is_now and ${shareOf('c.lost', 'voice')} >= 0.5)::int
      - (c.was and ${shareOf('c.old_lost', 'voice')} >= 0.5)::int),
    sum((not c.is_known)::int),
    sum(coalesce(c.p, 0)::float8 - case when c.was then c.old_p else 0 end),
    sum(case when c.is_now then c.p::float8 - c.old_p else 0 end),
    sum(coalesce(c.p::float8 * c.degree, 0)
      - case when c.was then c.old_p::float8 * c.old_degree else 0 end),
    sum(c.gathered), ${SERVICE_NAMES.map(
      (of) => `sum(coalesce(c.p::float8 * ${shareOf('c.lost', of)}, 0)
      - case when c.was then c.old_p::float8 * ${shareOf('c.old_lost', of)} else 0 end)`,
    ).join(', ')}
  from change c where c.class is not null group by c.class
  on conflict (incident_no, class) do update set
    people = k.people + excluded.people,
    without_voice = k.without_voice + excluded.without_voice,
    voice = k.voice + excluded.voice, data = k.data + excluded.data, sms = k.sms + excluded.sms,
    ever = k.ever + excluded.ever, expected = k.expected + excluded.expected,
    ever_expected = k.ever_expected + excluded.ever_expected,
    loss = k.loss + excluded.loss, minutes = k.minutes + excluded.minutes
  returning 1)`;

/**
 * Brings the rows of everybody in scope, and the incident's counts, up to its cells. The counts must
 * stand at `$2` (CARRY_COUNTS). @returns `{changed, left}`: rows added or altered, rows that ended
 */
export function mapStatement(scope: MappingScope, mode: WhereaboutsMode): string {
  return `with ${evidenceSql(scope, mode)}, ${difference(scope)}
select ((select count(*) from added) + (select count(*) from altered))::int as changed,
  (select count(*) from ended)::int as left, (select count(*) from counted)::int as classes`;
}

/**
 * How probably an incident affects some people, by the same arithmetic, whether or not they are on
 * its list yet. @returns those of at least the least probability
 */
export function peopleStatement(mode: WhereaboutsMode): string {
  return `with ${evidenceSql('people', mode)}
select f.subscriber_id as "subscriberId", f.p::float8 as probability, f.none >= 0.5 as "isNone",
  f.lost,
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
  coalesce(sum(n.without_voice * n.expected / nullif(n.people, 0))
    filter (where c.kind in ('person', 'fleet')), 0)::float8 as "withoutVoice",
  ${SERVICE_NAMES.map((of) => `${sum(of, isPerson)}::float8 as "${of}"`).join(', ')},
  ${sum('expected', 'c.vulnerable')}::float8 as vulnerable,
  ${sum('without_voice', `c.kind = 'emergency'`)}::int as "emergencyServices"
from ${counts} n join subscriber_classes c using (class)
group by c.segment order by c.segment`;
}

/** Counts by segment. $1 incident number, $2 whether everybody ever affected counts. */
export const COUNT_INCIDENT = `
with by_class as (
  select class, without_voice, loss, minutes, ever_expected, voice, data, sms,
    case when $2::boolean then ever else people end as people,
    case when $2::boolean then ever_expected else expected end as expected
  from impact_counts where incident_no = $1)
${bySegment('by_class', 'ever_expected')}`;

/** The same counts as a quick estimate while the list is being made. */
export function estimateStatement(mode: WhereaboutsMode): string {
  return `with ${estimateSql(mode)}\n${bySegment('by_class')}`;
}
