import type pg from 'pg';
import type { AcceptedLevel, SilenceItem } from '../../api/ports.js';
import type { NamedResource } from '../../domain/facts.js';
import { query } from './pool.js';
import { ITEM_TABLES } from './read-incident-item.js';

interface SilenceRow {
  readonly act_id: string;
  readonly target: string;
  readonly resource: NamedResource | null;
  readonly places: string[] | null;
  readonly until: string;
  readonly since: string;
  readonly actor: string;
  readonly why: string;
}

/** The last order on each incident or resource counts; $1 network time. */
const SILENCES = `
with latest as (
  select distinct on (target, detail ? 'resource') actor, target, why, detail
  from audit_log where action = 'silence' order by target, detail ? 'resource', id desc)
select l.detail ->> 'actId' act_id, l.target, l.detail -> 'resource' resource,
  (select places.names from ${ITEM_TABLES}
   where i.incident_id = l.target and not l.detail ? 'resource') places,
  l.detail ->> 'until' until, l.detail ->> 'at' since, l.actor, l.why
from latest l
where (l.detail ->> 'until')::timestamptz > $1
order by (l.detail ->> 'until')::timestamptz, l.target limit 500`;

/** Silences that are on, as the audit log has them. @param nowMs network time */
export async function readSilences(pool: pg.Pool, nowMs: number): Promise<SilenceItem[]> {
  const { rows } = await query<SilenceRow>(pool, SILENCES, [new Date(nowMs)]);
  return rows.map(({ act_id: actId, actor: by, target, resource, places, ...rest }) => ({
    ...rest,
    actId,
    by,
    resource,
    incidentId: resource === null ? target : null,
    places: places ?? [],
  }));
}

/** Deviations that were taken for the new normal, newest first. */
export async function readAcceptedLevels(pool: pg.Pool, limit: number): Promise<AcceptedLevel[]> {
  const { rows } = await query<
    Omit<AcceptedLevel, 'at' | 'startedAt'> & { readonly at: Date; readonly started_at: Date }
  >(
    pool,
    `select at, feed, object_type "objectType", object_id "objectId", kpi, accepted, started_at,
       observed, expected
     from accepted_levels order by at desc, object_id, kpi limit $1`,
    [limit],
  );
  return rows.map(({ at, started_at, ...rest }) => ({
    ...rest,
    at: at.toISOString(),
    startedAt: started_at.toISOString(),
  }));
}
