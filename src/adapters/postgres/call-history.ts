import type pg from 'pg';
import type { CallInterval } from '../../domain/facts.js';
import { query } from './pool.js';

interface CallRow {
  queue: string;
  starts_at: Date;
  interval_seconds: number;
  offered: number;
  handle_seconds: number | null;
}

/** Stored calls from a moment on, areas summed, in order of time. @param fromMs epoch ms */
export async function loadCalls(pool: pg.Pool, fromMs: number): Promise<CallInterval[]> {
  const { rows } = await query<CallRow>(
    pool,
    `select queue, starts_at, interval_seconds, sum(offered) as offered,
       sum(handle_seconds * offered) / nullif(sum(offered) filter (where handle_seconds is not null), 0)
         as handle_seconds
     from calls where starts_at >= $1
     group by queue, starts_at, interval_seconds order by starts_at, queue`,
    [new Date(fromMs)],
  );
  return rows.map((row) => ({
    queue: row.queue,
    start: row.starts_at.toISOString(),
    intervalSeconds: row.interval_seconds,
    offered: row.offered,
    ...(row.handle_seconds === null ? {} : { handleSeconds: row.handle_seconds }),
  }));
}
