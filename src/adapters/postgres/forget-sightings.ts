import type pg from 'pg';
import { query } from './pool.js';

/** Ids of people that one statement looks at, and hours' rows that one deletes. */
const PEOPLE = 100_000;
const HOUR_ROWS = 50_000;

/**
 * Forgets who was seen last before a time, a range of people in each statement by the primary key, so
 * that nobody waits long for a lock.
 * @param before network time
 * @param abroad the same for those who were seen abroad, at cell 0
 */
export async function forgetLastSeen(pool: pg.Pool, before: Date, abroad: Date): Promise<void> {
  const { rows } = await query<{ last: number | null }>(
    pool,
    'select max(subscriber_id) as last from last_seen',
  );
  const last = rows[0]?.last ?? 0;
  for (let from = 0; from < last; from += PEOPLE) {
    await query(
      pool,
      `delete from last_seen where subscriber_id > $1 and subscriber_id <= $2
         and seen_at < case when cell_no = 0 then $4::timestamptz else $3 end`,
      [from, from + PEOPLE, before, abroad],
    );
  }
}

/**
 * Forgets hours that nothing was learnt from, the oldest first, some rows in each statement.
 * @param before network time
 */
export async function forgetSeenHours(pool: pg.Pool, before: Date): Promise<void> {
  for (let deleted = HOUR_ROWS; deleted === HOUR_ROWS; ) {
    const { rowCount } = await query(
      pool,
      `delete from seen_hours where (hour, subscriber_id, cell_no) in (
         select hour, subscriber_id, cell_no from seen_hours where hour < $1
         order by hour, subscriber_id, cell_no limit ${HOUR_ROWS})`,
      [before],
    );
    deleted = rowCount ?? 0;
  }
}
