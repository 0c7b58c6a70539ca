import type pg from 'pg';
import type {
  JudgedCause,
  JudgedStatement,
  MarkedCount,
  QualityCounts,
  RateCorrection,
} from '../../api/ports.js';
import { query } from './pool.js';

/** Opened incidents since $1, those that go on as another left out. */
const OPENED = `
with opened as (
  select i.doc, exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = i.incident_id) as is_false
  from incidents i
  where i.detected_at >= $1 and i.doc ->> 'mergedInto' is null)`;
const COUNTS = `count(*)::int as opened, (count(*) filter (where is_false))::int as "markedFalse"`;

const ALL = `${OPENED} select 'all' as name, ${COUNTS} from opened`;
const BY_KPI = `${OPENED}
select kpi as name, ${COUNTS}
from opened, jsonb_array_elements_text(coalesce(doc -> 'kpis', '[]')) as kpi
group by kpi order by 2 desc, kpi`;
const BY_CAUSE = `${OPENED}
select doc -> 'cause' ->> 'kind' as name, ${COUNTS} from opened group by 1 order by 2 desc, 1`;

/** $1 from, $2 now: since when something can have been found, and how many cells there are */
const WATCHED = `
select (select count(*)::int from cells where valid_from <= now() and valid_to > now()) as cells,
  greatest($1::timestamptz,
    coalesce((select min(started_at) from incidents), $2::timestamptz)) as since`;

/** $1 a year ago */
const WAVES = `
select count(*)::int as sent, (count(*) filter (where is_wrong))::int as wrong,
  coalesce(sum(case when approved_by is not null then 0 when is_wrong then 1 else doubt end), 0)
    ::float8 as "spentDoubt"
from (
  select w.doubt, w.approved_by, exists (
    select from audit_log a where a.action = 'notAnIncident' and a.target = w.incident_id) as is_wrong
  from waves w
  where w.kind in ('onset', 'overrun') and w.state <> 'shadow' and w.decided_at > $1
    and coalesce((w.counts ->> 'messages')::int, 0) > 0) as sent`;

/**
 * $1 from: what was stated of causes before a person judged, and what the last person said it is;
 * null where it was no incident
 */
const JUDGED = `
select stated.candidates, said.resource_id as "trueId"
from (
  select distinct on (target) target, detail -> 'stated' -> 'candidates' as candidates
  from audit_log
  where action in ('setCause', 'notAnIncident') and (detail ->> 'at')::timestamptz >= $1
    and jsonb_typeof(detail -> 'stated' -> 'setBy') = 'null'
  order by target, id
) as stated join lateral (
  select case action when 'setCause' then detail -> 'resource' ->> 'id' end as resource_id
  from audit_log a
  where a.action in ('setCause', 'notAnIncident') and a.target = stated.target
  order by id desc limit 1
) as said on true`;

const LAST_CORRECTION = `
select (detail ->> 'at') as at, actor as by, why, (detail ->> 'value')::float8 as factor,
  detail ->> 'feed' as feed
from audit_log where action = 'correctRate' order by id desc limit 1`;

/** $1 from: what callers said of what was stated about them; another problem says nothing of it */
const SAID = `
select affected, probability::float8 as probability, answer from agent_answers
where at >= $1 and undone_at is null and answer <> 'otherProblem'`;

const YEAR_MS = 365 * 86_400_000;

/** Counts what was opened and sent, and what of it was marked as wrong. Times are epoch ms. */
export async function readQuality(
  pool: pg.Pool,
  fromMs: number,
  nowMs: number,
): Promise<QualityCounts> {
  const from = [new Date(fromMs)];
  const watched = await query<{ cells: number; since: Date }>(pool, WATCHED, [
    ...from,
    new Date(nowMs),
  ]);
  const since = watched.rows[0]?.since.getTime() ?? nowMs;
  const [all, byKpi, byCause] = await Promise.all(
    [ALL, BY_KPI, BY_CAUSE].map((sql) => query<MarkedCount>(pool, sql, from)),
  );
  const judged = await query<JudgedCause>(pool, JUDGED, from);
  const said = await query<JudgedStatement>(pool, SAID, from);
  const corrected = await query<RateCorrection>(pool, LAST_CORRECTION);
  const waves = await query<QualityCounts['waves']>(pool, WAVES, [new Date(nowMs - YEAR_MS)]);
  return {
    sinceMs: since,
    cells: watched.rows[0]?.cells ?? 0,
    all: all?.rows[0] ?? { name: 'all', opened: 0, markedFalse: 0 },
    byKpi: byKpi?.rows ?? [],
    byCause: byCause?.rows ?? [],
    judgedCauses: judged.rows,
    judgedStatements: said.rows,
    lastCorrection: corrected.rows[0] ?? null,
    waves: waves.rows[0] ?? { sent: 0, wrong: 0, spentDoubt: 0 },
  };
}
