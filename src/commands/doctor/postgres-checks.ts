import type pg from 'pg';
import { connectDirect, mapPostgresError } from '../../adapters/postgres/pool.js';
import { attempt, type Check, failed, passed, warned } from './report.js';

const OLDEST_VERSION = 140_000;
/** Beyond it leases and sign-in links would be judged wrongly. */
const CLOCK_SKEW_MS = 5000;
/** Any number that names no other lock of ours. */
const PROBE_LOCK = 7_236_149;
const NAME = 'tocsin-doctor';

/** Connection, version, rights, session locks, connections and clock of the database. */
export async function checkPostgres(url: string, maxConnections: number): Promise<Check[]> {
  const first = await attempt(
    'postgres',
    'check database.url, that the server runs, and that pg_hba.conf lets this host in',
    () => withClient(url, version),
  );
  if (first.status === 'failed') return [first];
  const on = (name: string, mend: string, body: (client: pg.Client) => Promise<Check>) =>
    attempt(name, mend, () => withClient(url, body));
  return [
    first,
    await attempt('postgres session', 'use a direct connection', () => sessionLocks(url)),
    await on('postgres rights', 'ask the database administrator', rights),
    await on('postgres connections', 'ask the database administrator', (client) =>
      connections(client, maxConnections),
    ),
    await on('postgres clock', 'set the time by NTP on both machines', clock),
  ];
}

async function withClient<T>(url: string, body: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectDirect(url, NAME);
  try {
    return await body(client);
  } catch (error) {
    throw mapPostgresError(error);
  } finally {
    await client.end();
  }
}

async function one<Row extends pg.QueryResultRow>(client: pg.Client, sql: string): Promise<Row> {
  const { rows } = await client.query<Row>(sql);
  const [row] = rows;
  if (row === undefined) throw new Error(`no answer to ${sql}`);
  return row;
}

async function version(client: pg.Client): Promise<Check> {
  const { number, text, name } = await one<{ number: number; text: string; name: string }>(
    client,
    `select current_setting('server_version_num')::int as number,
            current_setting('server_version') as text, current_database() as name`,
  );
  if (number < OLDEST_VERSION) {
    return failed('postgres', `version ${text}`, 'Tocsin needs PostgreSQL 14 or newer');
  }
  return passed('postgres', `connected to database ${name}, version ${text}`);
}

/** Two connections must be two sessions: behind a transaction pooler both would hold one lock. */
async function sessionLocks(url: string): Promise<Check> {
  const name = 'postgres session';
  const lock = `select pg_try_advisory_lock(${PROBE_LOCK}) as taken`;
  return withClient(url, async (holder) => {
    await one(holder, lock);
    const { taken } = await withClient(url, (other) => one<{ taken: boolean }>(other, lock));
    if (!taken) return passed(name, 'locks hold for a session, as the leader needs');
    return failed(
      name,
      'two connections share one session: this is a transaction pooler',
      "point database.url at the server itself, or at a pool in session mode: the leader's lock lives in its session",
    );
  });
}

async function rights(client: pg.Client): Promise<Check> {
  const name = 'postgres rights';
  const { may, user } = await one<{ may: boolean; user: string }>(
    client,
    `select has_schema_privilege(current_schema(), 'CREATE') as may, current_user as user`,
  );
  if (!may) {
    const grant = `grant create, usage on schema public to "${user}"`;
    return failed(name, `${user} may not create tables`, grant);
  }
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
      where relkind = 'r' and relnamespace = current_schema()::regnamespace
        and not (has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert')
             and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete'))
      order by relname`,
  );
  if (rows.length === 0) return passed(name, `${user} may create, read and write tables`);
  const tables = rows.map((row) => row.name).join(', ');
  return failed(
    name,
    `${user} may not read and write ${tables}`,
    `grant select, insert, update, delete on all tables in schema public to "${user}"`,
  );
}

async function connections(client: pg.Client, wanted: number): Promise<Check> {
  const name = 'postgres connections';
  const { most, used } = await one<{ most: number; used: number }>(
    client,
    `select current_setting('max_connections')::int
              - current_setting('superuser_reserved_connections')::int as most,
            (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used`,
  );
  const detail = `${most - used} of ${most} are free, Tocsin takes up to ${wanted + 2}`;
  if (most - used >= wanted + 2) return passed(name, detail);
  return warned(name, detail, 'raise max_connections, or lower database.maxConnections');
}

async function clock(client: pg.Client): Promise<Check> {
  const name = 'postgres clock';
  const before = Date.now();
  const { at } = await one<{ at: number }>(
    client,
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as at',
  );
  const skew = at - (before + Date.now()) / 2;
  const detail = `differs from ours by ${Math.round(skew)} ms`;
  if (Math.abs(skew) <= CLOCK_SKEW_MS) return passed(name, detail);
  return warned(name, detail, 'set the time by NTP on both machines');
}
