import type pg from 'pg';
import { query } from './pool.js';

/** Network time already reached, by shards or decisions: where a restart goes on. Epoch ms. */
export async function lastTick(pool: pg.Pool): Promise<number | undefined> {
  const { rows } = await query<{ last: number | null }>(
    pool,
    `select max(tick_ms) as last from (
       select tick_ms from decision_state union all select tick_ms from shard_watermarks) as ticks`,
  );
  return rows[0]?.last ?? undefined;
}
