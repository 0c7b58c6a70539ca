import type pg from 'pg';
import type { UnreportedMessages } from '../../notify/ports.js';
import { query } from './pool.js';

const TAKE = `
with late as (
  select message_id from outbox
  where state = 'accepted' and gateway_id is not null
    and updated_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
    and updated_at > clock_timestamp() - $3::float8 * interval '1 millisecond'
    and (asked_at is null or asked_at < clock_timestamp() - $2::float8 * interval '1 millisecond')
  order by updated_at limit $1 for update skip locked)
update outbox o set asked_at = clock_timestamp()
from late where o.message_id = late.message_id
returning o.gateway_id as "gatewayId"`;

/** Messages whose reports may have been lost, from the outbox. */
export class PostgresUnreportedMessages implements UnreportedMessages {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async take(limit: number, waitMs: number, patienceMs: number): Promise<string[]> {
    const { rows } = await query<{ gatewayId: string }>(this.#pool, TAKE, [
      limit,
      waitMs,
      patienceMs,
    ]);
    return rows.map(({ gatewayId }) => gatewayId);
  }
}
