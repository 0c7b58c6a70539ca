import type pg from 'pg';
import type { IncidentFilter, IncidentPage, IncidentReads, StatedCause } from '../../api/ports.js';
import type { IncidentState } from '../../domain/incident.js';
import { query } from './pool.js';
import { incidentCells, incidentDetail } from './read-incident-detail.js';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, itemOf } from './read-incident-item.js';
import { relatedIncidents } from './read-related.js';

/** What the API reads of incidents. */
export function postgresIncidentReads(
  pool: pg.Pool,
  networkNames: Readonly<Record<string, string>>,
): IncidentReads {
  return {
    list: (filter) => list(pool, filter),
    find: (incidentId) => incidentDetail(pool, incidentId, networkNames),
    async state(incidentId) {
      const { rows } = await query<{ state: IncidentState }>(
        pool,
        'select state from incidents where incident_id = $1',
        [incidentId],
      );
      return rows[0]?.state;
    },
    statedCause: (incidentId) => statedCause(pool, incidentId),
    cells: (incidentId, limit) => incidentCells(pool, incidentId, limit),
    related: (incidentId) => relatedIncidents(pool, incidentId),
  };
}

async function statedCause(pool: pg.Pool, incidentId: string): Promise<StatedCause | undefined> {
  const { rows } = await query<StatedCause>(
    pool,
    `select doc -> 'cause' -> 'candidates' candidates, doc -> 'cause' ->> 'setBy' "setBy"
     from incidents where incident_id = $1`,
    [incidentId],
  );
  return rows[0];
}

async function list(pool: pg.Pool, filter: IncidentFilter): Promise<IncidentPage> {
  const states = filter.states.length === 0 ? null : filter.states;
  const [page, total] = await Promise.all([
    query<ItemRow>(
      pool,
      `select ${ITEM_COLUMNS} from ${ITEM_TABLES}
       where $1::text[] is null or i.state = any ($1)
       order by i.rank_score desc, i.started_at desc, i.incident_id limit $2 offset $3`,
      [states, filter.limit, filter.offset],
    ),
    query<{ total: number }>(
      pool,
      'select count(*) total from incidents where $1::text[] is null or state = any ($1)',
      [states],
    ),
  ]);
  return { total: total.rows[0]?.total ?? 0, items: page.rows.map(itemOf) };
}
