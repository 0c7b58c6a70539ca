import type pg from 'pg';
import type { ForecastReads, QueueForecast } from '../../api/ports.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import { query } from './pool.js';
import { readAccuracy } from './read-accuracy.js';
import { readPatterns } from './read-patterns.js';

interface CameRow {
  starts_at: Date;
  ivr_offered: number | null;
  ivr_contained: number | null;
  offered: number;
  answered: number | null;
  abandoned: number | null;
}

const FUTURE_HOURS = 14 * 24;

/** What planners read: the current forecast, the calls that came, the roster. */
export function postgresForecastReads(pool: pg.Pool): ForecastReads {
  return {
    queues: () => queues(pool),
    ofQueue: (queue, nowMs, pastHours) => ofQueue(pool, queue, nowMs, pastHours),
    patterns: (queue, nowMs) => readPatterns(pool, queue, nowMs),
    accuracy: (asked) => readAccuracy(pool, asked),
  };
}

/**
 * Busiest first by the current forecast, then by name. Skips from name to name by index, so that it
 * stays quick over years of calls.
 */
async function queues(pool: pg.Pool): Promise<string[]> {
  const { rows } = await query<{ queue: string }>(
    pool,
    `with recursive names as (
       (select queue from calls order by queue limit 1)
       union all
       select (select c.queue from calls c where c.queue > n.queue order by c.queue limit 1)
       from names n where n.queue is not null
     ),
     all_names as (
       select queue from names where queue is not null union select queue from forecasts
     )
     select a.queue from all_names a
     left join lateral (
       select intervals from forecasts f where f.queue = a.queue order by issued_at desc limit 1
     ) newest on true
     order by coalesce((
       select sum(i.ordinary + i.surge)
       from jsonb_to_recordset(newest.intervals) as i (ordinary float8, surge float8)
     ), 0) desc, a.queue`,
  );
  return rows.map((row) => row.queue);
}

async function ofQueue(
  pool: pg.Pool,
  queue: string,
  nowMs: number,
  pastHours: number,
): Promise<QueueForecast | undefined> {
  const from = new Date(nowMs - pastHours * 3_600_000);
  const to = new Date(nowMs + FUTURE_HOURS * 3_600_000);
  const [forecast, calls, roster] = await Promise.all([
    query<{ issued_at: Date; intervals: IntervalForecast[] }>(
      pool,
      `select issued_at, intervals from forecasts where queue = $1
       order by issued_at desc limit 1`,
      [queue],
    ),
    query<CameRow>(
      pool,
      `select starts_at, sum(ivr_offered) ivr_offered, sum(ivr_contained) ivr_contained,
         sum(offered) offered, sum(answered) answered, sum(abandoned) abandoned from calls
       where queue = $1 and starts_at >= $2 and starts_at < $3
       group by starts_at order by starts_at`,
      [queue, from, new Date(nowMs)],
    ),
    query<{ starts_at: Date; interval_seconds: number; agents: number }>(
      pool,
      `select starts_at, interval_seconds, agents from roster
       where queue = $1 and starts_at + make_interval(secs => interval_seconds) > $2 and starts_at < $3 order by starts_at`,
      [queue, from, to],
    ),
  ]);
  const current = forecast.rows[0];
  if (current === undefined && calls.rows.length === 0 && !(await isKnown(pool, queue))) {
    return undefined;
  }
  return {
    queue,
    issuedAt: current?.issued_at.toISOString() ?? null,
    intervals: current?.intervals ?? [],
    actual: calls.rows.map((row) => ({
      start: row.starts_at.toISOString(),
      ivrOffered: row.ivr_offered,
      ivrContained: row.ivr_contained,
      offered: row.offered,
      answered: row.answered,
      abandoned: row.abandoned,
    })),
    roster: roster.rows.map((row) => ({
      start: row.starts_at.toISOString(),
      intervalSeconds: row.interval_seconds,
      agents: row.agents,
    })),
  };
}

async function isKnown(pool: pg.Pool, queue: string): Promise<boolean> {
  const { rows } = await query(pool, 'select 1 from calls where queue = $1 limit 1', [queue]);
  return rows.length > 0;
}
