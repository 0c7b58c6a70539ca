import type pg from 'pg';
import { TocsinError } from '../../domain/errors.js';
import type { Fact } from '../../domain/facts.js';
import type { PlacedFact, TickLog } from '../kafka/ports.js';
import { decodeFact, encodeFact } from './fact-codec.js';
import { query } from './pool.js';

interface Row {
  readonly slot: number;
  readonly kind: string;
  readonly now_ms: number | null;
  readonly payload: Buffer | null;
}

/** Ticks of Kafka streams, and what else has a place among their records, in table `kafka_ticks`. */
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

  async read(stream: string, fromSlot: number, limit: number): Promise<PlacedFact[]> {
    const { rows } = await query<Row>(
      this.#pool,
      `select slot, kind, now_ms, payload from kafka_ticks
       where stream = $1 and slot >= $2 order by n limit $3`,
      [stream, fromSlot, limit],
    );
    return rows.map((row) => ({ slot: row.slot, fact: factOf(row) }));
  }

  async append(
    stream: string,
    count: number,
    { slot, fact }: PlacedFact,
    actsThrough = -1,
  ): Promise<void> {
    const isTick = fact.kind === 'tick';
    const { rowCount } = await query(
      this.#pool,
      `insert into kafka_ticks (stream, n, slot, now_ms, kind, payload, acts_through)
       select $1, $2, $3, $4, $5, $6, greatest($7, coalesce(max(acts_through), -1))
       from kafka_ticks where stream = $1 having coalesce(max(n) + 1, 0) = $2
       on conflict do nothing`,
      [
        stream,
        count,
        slot,
        isTick ? fact.nowMs : null,
        fact.kind,
        isTick ? null : encodeFact(fact),
        actsThrough,
      ],
    );
    if (rowCount === 1) return;
    throw new TocsinError('lease.lost', `another instance has added ticks to ${stream}`);
  }

  async actsThrough(stream: string): Promise<number> {
    const { rows } = await query<{ through: number | null }>(
      this.#pool,
      'select max(acts_through) as through from kafka_ticks where stream = $1',
      [stream],
    );
    return rows[0]?.through ?? -1;
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

function factOf({ kind, now_ms, payload }: Row): Fact {
  if (kind === 'tick') return { kind, nowMs: now_ms ?? 0 };
  return decodeFact(kind, payload ?? Buffer.from('[]'));
}
