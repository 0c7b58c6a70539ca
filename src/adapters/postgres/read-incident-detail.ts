import type pg from 'pg';
import type { IncidentDetail } from '../../api/ports.js';
import type { CauseCandidate } from '../../domain/incident.js';
import { ticketsOf } from './incident-tickets.js';
import { readVisitors } from './incident-visitors.js';
import { query } from './pool.js';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, itemOf } from './read-incident-item.js';
import { messagesOf, wavesOf } from './read-waves.js';

const CELLS_SHOWN = 200;
const GROWTH_POINTS = 500;
const SURGE_HOURS = 12;

interface DetailRow extends ItemRow {
  candidates: CauseCandidate[];
  alarm_ids: string[];
  flags: number;
}

/**
 * Everything one incident's page shows, in a handful of statements by key.
 * @param networkNames what other networks are called, by MCC and MNC
 */
export async function incidentDetail(
  pool: pg.Pool,
  incidentId: string,
  networkNames: Readonly<Record<string, string>>,
): Promise<IncidentDetail | undefined> {
  const { rows } = await query<DetailRow>(
    pool,
    `select ${ITEM_COLUMNS}, i.doc->'cause'->'candidates' candidates, i.doc->'alarmIds' alarm_ids,
       (select count(*) from crm_desired d where d.incident_id = i.incident_id) flags
     from ${ITEM_TABLES} where i.incident_id = $1`,
    [incidentId],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const isRunning = row.state === 'open' || row.state === 'recovering';
  const [timeline, cells, growth, messages, waves, surge, tickets, visitors] = await Promise.all([
    timelineOf(pool, incidentId),
    incidentCells(pool, incidentId, CELLS_SHOWN),
    growthOf(pool, incidentId),
    messagesOf(pool, incidentId),
    wavesOf(pool, incidentId),
    isRunning ? surgeNow(pool) : [],
    ticketsOf(pool, incidentId),
    readVisitors(pool, incidentId, networkNames),
  ]);
  const { candidates, alarm_ids: alarmIds, flags } = row;
  return {
    ...itemOf(row),
    candidates,
    alarmIds,
    flags,
    timeline,
    cells,
    growth,
    messages,
    waves,
    surge,
    tickets,
    visitors,
  };
}

async function timelineOf(pool: pg.Pool, id: string): Promise<IncidentDetail['timeline']> {
  const { rows } = await query<{ at: Date; kind: string; reason: string }>(
    pool,
    'select at, kind, reason from incident_events where incident_id = $1 order by seq',
    [id],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Its cells, worst first. */
export async function incidentCells(
  pool: pg.Pool,
  id: string,
  limit: number,
): Promise<IncidentDetail['cells']> {
  const { rows } = await query<IncidentDetail['cells'][number]>(
    pool,
    `select h."cellId", c.site_id "siteId", s.name "siteName", c.technology, h.degree, h.since
     from incidents i,
       jsonb_to_recordset(i.doc->'cells') as h ("cellId" text, degree float8, since text)
     left join cells c on c.cell_id = h."cellId" and c.valid_to = 'infinity'
     left join sites s on s.site_id = c.site_id and s.valid_to = 'infinity'
     where i.incident_id = $1 order by h.degree desc, h."cellId" limit $2`,
    [id, limit],
  );
  return rows;
}

async function growthOf(pool: pg.Pool, id: string): Promise<IncidentDetail['growth']> {
  const { rows } = await query<{ at: Date; subscribers: number; minutes: number }>(
    pool,
    `select * from (
       select at, (summary->>'subscribers')::integer subscribers,
         (summary->>'userMinutes')::float8 minutes
       from impact_history where incident_id = $1 order by at desc limit ${GROWTH_POINTS}
     ) newest order by at`,
    [id],
  );
  return rows.map(({ at, subscribers, minutes }) => ({
    at: at.toISOString(),
    subscribers,
    userMinutes: minutes,
  }));
}

async function surgeNow(pool: pg.Pool): Promise<IncidentDetail['surge']> {
  const { rows } = await query<{ start: string; ordinary: number; surge: number }>(
    pool,
    `with newest as (
       select distinct on (queue) queue, issued_at, intervals from forecasts
       order by queue, issued_at desc
     )
     select f.start, sum(f.ordinary) ordinary, sum(f.surge) surge
     from newest n, jsonb_to_recordset(n.intervals) as f (start text, ordinary float8, surge float8)
     where f.start::timestamptz < n.issued_at + interval '${SURGE_HOURS} hours'
     group by f.start order by f.start::timestamptz`,
  );
  return rows;
}
