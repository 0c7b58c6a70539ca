import type pg from 'pg';
import type { CallInterval } from '../../domain/facts.js';
import { query } from './pool.js';

const DAY_MS = 86_400_000;
/** Days read at once, so that years of many queues neither fill memory nor keep others waiting. */
const PAGE_MS = 28 * DAY_MS;

interface CallRow {
  queue: string;
  area: string;
  starts_at: Date;
  interval_seconds: number;
  offered: number;
  abandoned: number | null;
  handle_seconds: number | null;
}

/** $1 from, $2 to, $3 where areas begin to matter */
const CALLS = `
  select queue, case when starts_at >= $3 then area else '' end as area, starts_at,
    interval_seconds, sum(offered) as offered, sum(abandoned) as abandoned,
    sum(handle_seconds * offered) / nullif(sum(offered) filter (where handle_seconds is not null), 0)
      as handle_seconds
  from calls where starts_at >= $1 and starts_at < $2
  group by 1, 2, 3, 4 order by starts_at, queue, area`;

/**
 * Stored calls from a moment on, page by page, in order of time. @param fromMs epoch ms
 * @param areasFromMs before it areas are summed, since they would be too many rows
 */
export async function* loadCalls(
  pool: pg.Pool,
  fromMs: number,
  areasFromMs: number,
): AsyncGenerator<CallInterval[]> {
  const { rows: spans } = await query<{ first: Date | null; last: Date | null }>(
    pool,
    'select min(starts_at) as first, max(starts_at) as last from calls where starts_at >= $1',
    [new Date(fromMs)],
  );
  const first = spans[0]?.first?.getTime() ?? Number.POSITIVE_INFINITY;
  const last = spans[0]?.last?.getTime() ?? Number.NEGATIVE_INFINITY;
  for (let from = first; from <= last; from += PAGE_MS) {
    const values = [new Date(from), new Date(from + PAGE_MS), new Date(areasFromMs)];
    const { rows } = await query<CallRow>(pool, CALLS, values);
    yield rows.map(asInterval);
  }
}

function asInterval(row: CallRow): CallInterval {
  return {
    queue: row.queue,
    ...(row.area === '' ? {} : { area: row.area }),
    start: row.starts_at.toISOString(),
    intervalSeconds: row.interval_seconds,
    offered: row.offered,
    ...(row.abandoned === null ? {} : { abandoned: row.abandoned }),
    ...(row.handle_seconds === null ? {} : { handleSeconds: row.handle_seconds }),
  };
}
