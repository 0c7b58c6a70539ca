import type pg from 'pg';
import type { HelpAnswers } from '../../notify/ports.js';
import { phoneKey } from './phone-key.js';
import { withTransaction } from './pool.js';
import { readSwitches } from './switches.js';

/** $1 key of the number. */
const TAKE = `
with mine as (
  insert into help_answers as h (phone_key, at) values ($1, clock_timestamp())
  on conflict (phone_key) do update set at = clock_timestamp()
  where h.at < clock_timestamp() - interval '1 hour'
  returning h.phone_key, h.at)
select encode(mine.phone_key, 'hex') || ' ' || mine.at as turn, coalesce((
  select s.language from subscriber_identifiers i join subscribers s using (subscriber_id)
  where i.phone_key = mine.phone_key and i.valid_to > now() and s.erased_at is null
  order by i.valid_from desc, s.subscriber_id limit 1), '') as language
from mine`;

/** Who was answered when they asked for help; a number is kept as its key, and for a day. */
export class PostgresHelpAnswers implements HelpAnswers {
  readonly #pool: pg.Pool;
  readonly #secret: string;

  constructor(pool: pg.Pool, phoneSecret: string) {
    this.#pool = pool;
    this.#secret = phoneSecret;
  }

  async take(number: string): Promise<{ language: string; turn: string } | undefined> {
    return withTransaction(this.#pool, async (client) => {
      const { isKilled, isShadow } = await readSwitches(client);
      if (isKilled || isShadow) return undefined;
      const key = phoneKey(this.#secret, number);
      const { rows } = await client.query<{ language: string; turn: string }>(TAKE, [key]);
      return rows[0];
    });
  }
}
