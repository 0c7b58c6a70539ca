import type pg from 'pg';
import type { CallInterval } from '../../domain/facts.js';
import { query } from './pool.js';

interface CallRow {
  queue: string;
  area: string;
  starts_at: Date;
  interval_seconds: number;
  offered: number;
  abandoned: number | null;
  handle_seconds: number | null;
}

/**
 * Stored calls from a moment on, in order of time. @param fromMs epoch ms
 * @param areasFromMs before it areas are summed, since they would be too many rows
 */
export async function loadCalls(
  pool: pg.Pool,
  fromMs: number,
  areasFromMs: number,
): Promise<CallInterval[]> {
  const { rows } = await query<CallRow>(
    pool,
    `select queue, case when starts_at >= $2 then area else '' end as area, starts_at,
       interval_seconds, sum(offered) as offered, sum(abandoned) as abandoned,
       sum(handle_seconds * offered) / nullif(sum(offered) filter (where handle_seconds is not null), 0)
         as handle_seconds
     from calls where starts_at >= $1
     group by 1, 2, 3, 4 order by starts_at, queue, area`,
    [new Date(fromMs), new Date(areasFromMs)],
  );
  return rows.map((row) => ({
    queue: row.queue,
    ...(row.area === '' ? {} : { area: row.area }),
    start: row.starts_at.toISOString(),
    intervalSeconds: row.interval_seconds,
    offered: row.offered,
    ...(row.abandoned === null ? {} : { abandoned: row.abandoned }),
    ...(row.handle_seconds === null ? {} : { handleSeconds: row.handle_seconds }),
  }));
}
