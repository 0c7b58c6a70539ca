import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { StreamTick, TickLog } from '../kafka/ports.js';
import { query } from './pool.js';

/** Ticks of Kafka streams in table `kafka_ticks`. */
export class PostgresTickLog implements TickLog {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async countBefore(stream: string, slot: number): Promise<number> {
    const { rows } = await query<{ count: number }>(
      this.#pool,
      'select max(n) + 1 as count from kafka_ticks where stream = $1 and slot < $2',
      [stream, slot],
    );
    return rows[0]?.count ?? 0;
  }

  async read(stream: string, fromSlot: number, limit: number): Promise<StreamTick[]> {
    const { rows } = await query<{ slot: number; now_ms: number }>(
      this.#pool,
      'select slot, now_ms from kafka_ticks where stream = $1 and slot >= $2 order by n limit $3',
      [stream, fromSlot, limit],
    );
    return rows.map(({ slot, now_ms }) => ({ slot, nowMs: now_ms }));
  }

  async append(stream: string, count: number, tick: StreamTick): Promise<void> {
    const { rowCount } = await query(
      this.#pool,
      `insert into kafka_ticks (stream, n, slot, now_ms)
       select $1, $2, $3, $4
       where coalesce((select max(n) + 1 from kafka_ticks where stream = $1), 0) = $2
       on conflict do nothing`,
      [stream, count, tick.slot, tick.nowMs],
    );
    if (rowCount === 1) return;
    throw new TocsinError('lease.lost', `another instance has added ticks to ${stream}`);
  }

  async prune(stream: string, beforeSlot: number): Promise<number> {
    const { rowCount } = await query(
      this.#pool,
      `delete from kafka_ticks where stream = $1 and slot < $2
       and n < (select max(n) from kafka_ticks where stream = $1 and slot < $2)`,
      [stream, beforeSlot],
    );
    return rowCount ?? 0;
  }
}
