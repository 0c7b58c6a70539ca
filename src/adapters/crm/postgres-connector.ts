import type pg from 'pg';
import type { AccountFlag, CrmConnector, FlagKey, Pushed } from '../../crm/ports.js';
import { messageOf, TocsinError } from '../../domain/errors.js';

/** The table a CRM reads; made when it is not there, for a database of the CRM's own. */
const CREATE = `
create table if not exists crm_customer_flags (
  account text not null,
  subscriber_id bigint not null,
  incident_id text not null,
  flag jsonb not null,
  valid_until timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (subscriber_id, incident_id))`;

const UPSERT = `
insert into crm_customer_flags (account, subscriber_id, incident_id, flag, valid_until)
select u.account, u.subscriber_id, u.incident_id, u.flag, (u.flag->>'validUntil')::timestamptz
from unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[])
  as u(account, subscriber_id, incident_id, flag)
on conflict (subscriber_id, incident_id) do update set account = excluded.account,
  flag = excluded.flag, valid_until = excluded.valid_until, updated_at = now()
where crm_customer_flags.flag <> excluded.flag or crm_customer_flags.account <> excluded.account`;

const CLEAR = `
delete from crm_customer_flags f
using unnest($1::bigint[], $2::text[]) as k(subscriber_id, incident_id)
where f.subscriber_id = k.subscriber_id and f.incident_id = k.incident_id`;

const LIST = `
select account, flag from crm_customer_flags
where (subscriber_id, incident_id) > ($1::bigint, $2::text)
order by subscriber_id, incident_id limit $3`;

/**
 * The default connector: flags in a Postgres table, in Tocsin's database or another one. The pool is
 * the caller's own unless `ownsPool`, then `close` ends it.
 */
export class PostgresCrmConnector implements CrmConnector {
  readonly name: string;
  readonly #pool: pg.Pool;
  readonly #ownsPool: boolean;

  constructor(pool: pg.Pool, { ownsPool = false, name = 'postgres' } = {}) {
    this.name = name;
    this.#pool = pool;
    this.#ownsPool = ownsPool;
  }

  async upsert(flags: readonly AccountFlag[]): Promise<Pushed> {
    return this.#push(flags.length, UPSERT, [
      flags.map(({ account }) => account),
      flags.map(({ flag }) => flag.subscriberId),
      flags.map(({ flag }) => flag.incidentId),
      flags.map(({ flag }) => JSON.stringify(flag)),
    ]);
  }

  async clear(keys: readonly FlagKey[]): Promise<Pushed> {
    return this.#push(keys.length, CLEAR, [
      keys.map((key) => key.subscriberId),
      keys.map((key) => key.incidentId),
    ]);
  }

  async list(after: FlagKey | undefined, limit: number): Promise<AccountFlag[]> {
    const { rows } = await this.#run<AccountFlag>(LIST, [
      after?.subscriberId ?? 0,
      after?.incidentId ?? '',
      limit,
    ]);
    return rows;
  }

  async check(): Promise<void> {
    await this.#run(CREATE, []);
  }

  async close(): Promise<void> {
    if (this.#ownsPool) await this.#pool.end();
  }

  /** All or nothing, in one statement. */
  async #push(count: number, text: string, values: unknown[]): Promise<Pushed> {
    try {
      await this.#run(text, values);
      return { dealtWith: count, refused: [], stoppedBy: null };
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      return { dealtWith: 0, refused: [], stoppedBy: error };
    }
  }

  async #run<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(text, values);
    } catch (error) {
      throw new TocsinError('unavailable.crm', `CRM table: ${messageOf(error)}`, { cause: error });
    }
  }
}
