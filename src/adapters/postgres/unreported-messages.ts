import type pg from 'pg';
import type { Channel } from '../../domain/customer.js';
import type { UnreportedMessages } from '../../notify/ports.js';
import { query } from './pool.js';

const TAKE = `
with late as (
  select message_id from outbox
  where state = 'accepted' and gateway_id is not null and channel = $4
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

  readonly #channel: Channel;

  constructor(pool: pg.Pool, channel: Channel = 'sms') {
    this.#pool = pool;
    this.#channel = channel;
  }

  async take(limit: number, waitMs: number, patienceMs: number): Promise<string[]> {
    const { rows } = await query<{ gatewayId: string }>(this.#pool, TAKE, [
      limit,
      waitMs,
      patienceMs,
      this.#channel,
    ]);
    return rows.map(({ gatewayId }) => gatewayId);
  }
}
