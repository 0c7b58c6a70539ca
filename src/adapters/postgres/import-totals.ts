import type pg from 'pg';
import { refuse, STAGING } from './import-kind.js';
import { singleUnder } from './single-calls-sql.js';

const DAY_SECONDS = 86_400;

/**
 * Leaves in staging what counts: intervals that divide a day, and of totals of different lengths over
 * the same time of a queue and area the longest.
 */
export async function refuseDoubleTotals(client: pg.PoolClient): Promise<void> {
  await refuse(
    client,
    `${DAY_SECONDS}::int % s.interval_seconds::int <> 0`,
    `'interval_seconds was ' || s.interval_seconds || ', allowed: seconds that divide a day, such as 300, 900, 1800 or 3600'`,
  );
  const { rows } = await client.query(`select distinct interval_seconds from ${STAGING} limit 2`);
  if (rows.length < 2) return;
  await client.query(
    `create temp table longer_totals on commit drop as
     select distinct on (s.line) s.line, l.line as longer, l.interval_seconds as seconds
       from ${STAGING} s join ${STAGING} l
         on l.queue = s.queue and l.area = s.area and l.interval_seconds > s.interval_seconds
        and l.starts_at
          = date_bin(make_interval(secs => l.interval_seconds), s.starts_at, timestamptz 'epoch')
      order by s.line, l.interval_seconds desc`,
  );
  await refuse(
    client,
    's.line in (select line from longer_totals)',
    `(select 'line ' || longer || ' is a total of ' || seconds || ' s over the same time of queue "' || s.queue || '", which counts'
        from longer_totals o where o.line = s.line)`,
  );
}

/** A total takes the place of what was made of single calls in its time, whatever their area. */
export async function dropSingleCalls(client: pg.PoolClient): Promise<void> {
  await client.query(`delete from calls c using ${STAGING} s where ${singleUnder('c', 's')}`);
}
