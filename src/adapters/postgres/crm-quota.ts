import type pg from 'pg';
import type { DailyQuota } from '../../crm/ports.js';
import { query } from './pool.js';

const TAKE = `
with before as (
  insert into crm_quotas as q (connector, day, used)
  values ($1, (now() at time zone 'UTC')::date, 0)
  on conflict (connector, day) do update set used = q.used
  returning q.used),
granted as (select greatest(0, least($2::int, $3::int - used))::int as count from before)
select count from granted`;
const USE = `
update crm_quotas set used = used + $2
where connector = $1 and day = (now() at time zone 'UTC')::date`;
const FORGET = `
delete from crm_quotas where connector = $1 and day < (now() at time zone 'UTC')::date - 30`;

/** Requests counted in Postgres, hence over all instances and restarts. */
export class PostgresDailyQuota implements DailyQuota {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Only the leader's worker takes from a connector's quota, so nobody takes in between. */
  async take(connector: string, wanted: number, perDay: number): Promise<number> {
    const { rows } = await query<{ count: number }>(this.#pool, TAKE, [connector, wanted, perDay]);
    const count = rows[0]?.count ?? 0;
    if (count > 0) await query(this.#pool, USE, [connector, count]);
    else await query(this.#pool, FORGET, [connector]);
    return count;
  }
}
