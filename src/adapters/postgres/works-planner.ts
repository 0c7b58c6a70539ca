import type pg from 'pg';
import {
  type AnnouncedWorks,
  decideWorks,
  isWorksDue,
  worksWave,
} from '../../notify/decide-works.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { WORKS_PEOPLE } from './expansion-sql.js';
import { placeOf } from './incident-place.js';
import { query, withTransaction } from './pool.js';
import { readSwitches } from './switches.js';

/** Planned works, and the sites that they concern. */
export interface WorkRow {
  workId: string;
  resourceId: string;
  startsAt: Date;
  endsAt: Date;
  sites: string[];
}

/** Works with the sites that they concern. @param which a condition on \`k\`, in SQL */
const worksWhere = (which: string): string => `
with recursive due as (
  select k.* from works k where ${which}),
below(work_id, id) as (
  select work_id, resource_id from due
  union select b.work_id, l.child_id from links l join below b on l.parent_id = b.id
  where l.valid_to = 'infinity')
select d.work_id as "workId", d.resource_id as "resourceId", d.starts_at as "startsAt",
  d.ends_at as "endsAt", array(
    select distinct c.site_id from cells c where c.valid_to = 'infinity'
      and (c.cell_id in (select id from below b where b.work_id = d.work_id)
        or c.site_id in (select id from below b where b.work_id = d.work_id))) as sites
from due d order by d.work_id`;

const DUE = worksWhere('k.starts_at > $1 and k.starts_at <= $2');
const BY_ID = worksWhere('k.work_id = $1');

const IS_PLANNED = 'select from waves where wave_id = $1';

/** The revision counts how often the same works were announced anew. */
const PLAN = `
insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason, people, place,
  around, zone, decided_at, valid_until, starts_at, ends_at, resource_id)
select $1, $2, $2, 'works',
  1 + (select count(*) from waves w where w.lineage_id = $2 and w.kind = 'works')::int,
  $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
on conflict (wave_id) do nothing`;

/** Nobody need decide any more about works that were moved, or that it is too late to tell. $1 now */
const CANCEL_LATE = `
update waves w set state = 'cancelled', expansion_due = false, drained = false, ask_after = null,
  reason = case when w.valid_until <= $1 then 'too late before anybody decided: '
    else 'the works were moved or called off: ' end || w.reason
where w.kind = 'works' and w.state in ('held', 'awaitingApproval')
  and (w.valid_until <= $1 or not exists (
    select from works k where 'works:' || k.work_id = w.incident_id and k.starts_at = w.starts_at
      and k.ends_at = w.ends_at and k.resource_id = w.resource_id))`;

/**
 * Stores a wave for each planned work that people are due to hear of by now. Doing it again changes
 * nothing; works that were moved are told anew, and texts about the old time are dropped as they come up.
 * @param nowMs network time
 */
export async function planWorks(
  pool: pg.Pool,
  policy: NotificationPolicy,
  nowMs: number,
): Promise<void> {
  const { enabled, aheadHours } = policy.kinds.works;
  await query(pool, CANCEL_LATE, [new Date(nowMs)]);
  if (!enabled) return;
  const until = new Date(nowMs + aheadHours * 3_600_000);
  const { rows } = await query<WorkRow>(pool, DUE, [new Date(nowMs), until]);
  for (const row of rows)
    await withTransaction(pool, (client) => plan(client, row, { policy, nowMs }));
}

async function plan(
  client: pg.PoolClient,
  row: WorkRow,
  { policy, nowMs }: { policy: NotificationPolicy; nowMs: number },
): Promise<void> {
  const works = announced(row);
  const { waveId } = worksWave(works, policy, nowMs, { people: 0 });
  if (!isWorksDue(works, policy, nowMs)) return;
  // people are counted once: that reads everybody who lives there
  if ((await client.query(IS_PLANNED, [waveId])).rowCount !== 0) return;
  const { isShadow } = await readSwitches(client);
  const people = await peopleOf(client, row.resourceId);
  const wave = decideWorks(works, policy, nowMs, { people, isShadow });
  if (!wave) return;
  const place = await placeOf(client, row.sites);
  await client.query(PLAN, [
    ...[wave.waveId, wave.subjectId, wave.state, wave.reason, people],
    ...[place.name, place.isAround, place.zone],
    ...[new Date(nowMs), new Date(wave.validUntilMs), row.startsAt, row.endsAt, row.resourceId],
  ]);
}

/** Planned works by their id. */
export async function readWorks(
  client: pg.ClientBase,
  workId: string,
): Promise<WorkRow | undefined> {
  const { rows } = await client.query<WorkRow>(BY_ID, [workId]);
  return rows[0];
}

/** Works as the decision takes them. */
export function announced({ workId, resourceId, startsAt, endsAt }: WorkRow): AnnouncedWorks {
  return { workId, resourceId, startsAtMs: startsAt.getTime(), endsAtMs: endsAt.getTime() };
}

/** Expected number of people whom works on a resource cut off. */
export async function peopleOf(client: pg.ClientBase, resourceId: string): Promise<number> {
  const { rows } = await client.query<{ people: number }>(WORKS_PEOPLE, [resourceId]);
  return rows[0]?.people ?? 0;
}
