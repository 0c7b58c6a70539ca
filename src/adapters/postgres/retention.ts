import type pg from 'pg';
import { CONTROL_STREAM } from '../../runtime/ports.js';
import { query } from './pool.js';

/** How long things are kept. */
export interface Retention {
  /** journal entries that every reader has a checkpoint behind, wall ms */
  readonly journalMs: number;
  /** issued forecasts, by network time */
  readonly forecastDays: number;
  /** sightings: where somebody was is not needed for longer, by network time */
  readonly presenceHours: number;
}

/**
 * Forgets what is older than its retention: journal entries that checkpoints cover, verdicts that
 * decisions have taken in, forecasts, sightings, sign-in links and sessions. Safe at any time.
 * @param networkMs network time, epoch ms
 */
export async function applyRetention(
  pool: pg.Pool,
  retention: Retention,
  networkMs: number,
): Promise<void> {
  await query(
    pool,
    `delete from journal using (
       select name as stream, stream_offset as done from checkpoints
       union all select $2, control_offset from decision_state
     ) as covered
     where journal.stream = covered.stream and journal."offset" <= covered.done
       and journal.received_at < now() - make_interval(secs => $1)`,
    [retention.journalMs / 1000, CONTROL_STREAM],
  );
  await query(
    pool,
    `delete from detect_events using decision_state, jsonb_each_text(cursors) as cursor (key, value)
     where shard = cursor.key and seq <= cursor.value::bigint`,
  );
  const before = (ms: number): Date => new Date(networkMs - ms);
  await query(pool, 'delete from forecasts where issued_at < $1', [
    before(retention.forecastDays * 86_400_000),
  ]);
  await query(pool, 'delete from last_seen where seen_at < $1', [
    before(retention.presenceHours * 3_600_000),
  ]);
  await query(pool, 'delete from sessions where expires_at < now()');
  await query(pool, `delete from sign_in_links where expires_at < now() - interval '1 day'`);
}
