import type pg from 'pg';
import { type AnnouncedWorks, decideWorks } from '../../notify/decide-works.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { placeOf } from './incident-place.js';
import { query, withTransaction } from './pool.js';
import { readSwitches } from './switches.js';

interface WorkRow {
  workId: string;
  resourceId: string;
  startsAt: Date;
  endsAt: Date;
  sites: string[];
}

const DUE = `
with recursive due as (
  select k.* from works k where k.starts_at > $1 and k.starts_at <= $2),
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

/** The revision counts how often the same works were announced anew. */
const PLAN = `
insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason, place, around,
  zone, decided_at, valid_until, starts_at, ends_at, resource_id)
select $1, $2, $2, 'works',
  1 + (select count(*) from waves w where w.lineage_id = $2 and w.kind = 'works')::int,
  $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
on conflict (wave_id) do nothing`;

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
  const works: AnnouncedWorks = {
    workId: row.workId,
    resourceId: row.resourceId,
    startsAtMs: row.startsAt.getTime(),
    endsAtMs: row.endsAt.getTime(),
  };
  const { isShadow } = await readSwitches(client);
  const wave = decideWorks(works, policy, nowMs, isShadow);
  if (!wave) return;
  const place = await placeOf(client, row.sites);
  await client.query(PLAN, [
    ...[wave.waveId, wave.subjectId, wave.state, wave.reason],
    ...[place.name, place.isAround, place.zone],
    ...[new Date(nowMs), new Date(wave.validUntilMs), row.startsAt, row.endsAt, row.resourceId],
  ]);
}
