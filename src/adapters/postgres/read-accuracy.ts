import type pg from 'pg';
import type { AccuracyFigures, AccuracySplit, ForecastAccuracy } from '../../api/ports.js';
import { query } from './pool.js';

/** Which part of the record is asked for. */
export interface AccuracyAsked {
  /** absent: all queues */
  readonly queue?: string | undefined;
  readonly days: number;
  /** network time, epoch ms */
  readonly nowMs: number;
}

interface FiguresRow extends AccuracyFigures {
  lead_seconds: number;
  in_incident: boolean;
  /** null: whether calls had an area or not */
  with_area: boolean | null;
}

/** $1 queue or null, $2 since */
const JUDGED = `
  from forecast_scores s join forecast_judged j using (queue, starts_at)
  where ($1::text is null or j.queue = $1) and j.starts_at >= $2`;

/** The record of forecasts by lead time and day, computed from what was judged. */
export async function readAccuracy(
  pool: pg.Pool,
  { queue, days, nowMs }: AccuracyAsked,
): Promise<ForecastAccuracy> {
  const values = [queue ?? null, new Date(nowMs - days * 86_400_000)];
  const { rows } = await query<FiguresRow>(
    pool,
    `select s.lead_seconds, j.in_incident, j.with_area, count(*)::int as intervals, sum(j.actual) as calls,
       sum(abs(j.actual - s.median)) / nullif(sum(j.actual), 0) as wape,
       sum(s.median - j.actual) / nullif(sum(j.actual), 0) as bias,
       sum(abs(j.actual - s.median)) filter (where j.last_week is not null)
         / nullif(sum(abs(j.actual - j.last_week)), 0) as mase,
       avg(s.pinball) / nullif(avg(j.actual), 0) as pinball,
       avg(s.within_80::int)::float8 as coverage80, avg(s.within_95::int)::float8 as coverage95
     ${JUDGED} group by grouping sets (
       (s.lead_seconds, j.in_incident), (s.lead_seconds, j.in_incident, j.with_area)) order by s.lead_seconds`,
    values,
  );
  const byDay = await query<ForecastAccuracy['byDay'][number]>(
    pool,
    `select to_char(date_trunc('day', j.starts_at at time zone 'UTC'), 'YYYY-MM-DD') as day,
       sum(abs(j.actual - s.median)) / nullif(sum(j.actual), 0) as wape,
       avg(s.within_80::int)::float8 as coverage80
     ${JUDGED} and s.lead_seconds = 3600 and not j.in_incident group by 1 order by 1`,
    values,
  );
  const leads = [...new Set(rows.map((row) => row.lead_seconds))];
  const both = (lead: number, withArea: boolean | null): AccuracySplit => ({
    ordinary: figuresOf(rows, { lead, withArea, inIncident: false }),
    incidents: figuresOf(rows, { lead, withArea, inIncident: true }),
  });
  return {
    queue: queue ?? null,
    days,
    leads: leads.map((leadSeconds) => ({
      leadSeconds,
      ...both(leadSeconds, null),
      withArea: both(leadSeconds, true),
      withoutArea: both(leadSeconds, false),
    })),
    byDay: byDay.rows,
  };
}

function figuresOf(
  rows: readonly FiguresRow[],
  of: { readonly lead: number; readonly withArea: boolean | null; readonly inIncident: boolean },
): AccuracyFigures | null {
  const row = rows.find(
    (each) =>
      each.lead_seconds === of.lead &&
      each.in_incident === of.inIncident &&
      each.with_area === of.withArea,
  );
  if (row === undefined) return null;
  const { lead_seconds: _lead, in_incident: _incident, with_area: _area, ...figures } = row;
  return figures;
}
