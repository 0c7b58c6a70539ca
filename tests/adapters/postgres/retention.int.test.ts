import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyRetention } from '../../../src/adapters/postgres/retention.js';
import { incident, saveIncident, T0 } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const DAY = 86_400_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function counts(): Promise<Record<string, number>> {
  const tables = ['incident_subscribers', 'outbox', 'impact_history', 'incident_events'];
  const walls = ['delivery_receipts', 'dead_letters', 'dead_letter_counts', 'audit_log'];
  const found: Record<string, number> = {};
  for (const table of [...tables, ...walls]) {
    const { rows } = await database.pool.query(`select count(*)::int as n from ${table}`);
    found[table] = rows[0].n;
  }
  return found;
}

async function recordsOf(id: string, endedAt: string | null): Promise<void> {
  const state = endedAt === null ? 'open' : 'closed';
  await saveIncident(database.pool, { ...incident(['S1-1']), id, state, endedAt });
  const run = (sql: string) => database.pool.query(sql, [id]);
  await run(`insert into incident_subscribers (incident_no, subscriber_id, probability, service, degree,
      reachable, affected_from, mapped_at, class)
    select incident_no, 1, 1, 'none', 1, true, now(), now(), 1 from incidents where incident_id = $1`);
  await run(`insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason,
    decided_at, valid_until) values ($1, $1, $1, 'onset', 1, 'expanded', '', now(), now())`);
  await run(`insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision,
    subscriber_id, phone_key, language, state)
    values ($1, $1, $1, $1, 'onset', 1, 1, 'x', 'fr', 'delivered')`);
  await run(`insert into impact_history values ($1, now(), '{}')`);
  await run(`insert into incident_events values ($1, 1, now(), 'opened', '')`);
}

it('forgets people, messages and records in their time, and nothing of what runs', async () => {
  await recordsOf('inc_open', null);
  await recordsOf('inc_over', new Date(T0).toISOString());
  for (const age of ['0 days', '31 days', '91 days', '1096 days']) {
    const at = `now() - interval '${age}'`;
    await database.pool.query(`
      insert into delivery_receipts values ('${age}', 'delivered', null, null, ${at});
      insert into dead_letters (feed, source, reason, detail, payload, received_at)
        values ('f', 'http', 'r', '', '', ${at});
      insert into dead_letter_counts (feed, source, reason, count, day)
        values ('f', 'http', 'r', 1, (${at})::date);
      insert into audit_log (actor, action, why, at) values ('ada', 'hold', 'a test', ${at})`);
  }
  const retention = { journalMs: DAY, forecastDays: 1, presenceHours: 1 };
  const walls = { delivery_receipts: 2, dead_letters: 1, dead_letter_counts: 1, audit_log: 3 };
  const [kept, gone] = [2, 1];
  await applyRetention(database.pool, retention, T0 + 29 * DAY);
  expect(await counts()).toEqual({
    ...{ incident_subscribers: kept, outbox: kept, impact_history: kept, incident_events: kept },
    ...walls,
  });
  await applyRetention(database.pool, retention, T0 + 31 * DAY);
  expect(await counts()).toMatchObject({ incident_subscribers: gone, outbox: kept });
  await applyRetention(database.pool, retention, T0 + 91 * DAY);
  expect(await counts()).toMatchObject({ outbox: gone, incident_events: kept });
  await applyRetention(database.pool, retention, T0 + 401 * DAY);
  expect(await counts()).toMatchObject({ impact_history: gone, incident_events: gone });
});

it('forgets sightings in their time, whoever they are of', async () => {
  const run = (sql: string, values: unknown[]) => database.pool.query(sql, values);
  // more ids than one statement looks at
  const people = [1, 2, 99_999, 100_000, 100_001, 250_000];
  for (const [hoursAgo, from] of [
    [3, 0],
    [50, 3],
  ] as const) {
    const at = new Date(T0 - hoursAgo * 3_600_000);
    const some = people.slice(from, from + 3);
    await run('insert into last_seen select unnest($1::int[]), 1, $2', [some, at]);
    await run(
      `insert into seen_hours select date_trunc('hour', $2::timestamptz), unnest($1::int[]), 1`,
      [some, at],
    );
  }
  const left = async (table: string): Promise<number[]> => {
    const { rows } = await database.pool.query(
      `select subscriber_id as id from ${table} order by 1`,
    );
    return rows.map(({ id }) => id);
  };
  const keep = (presenceHours: number) =>
    applyRetention(database.pool, { journalMs: DAY, forecastDays: 1, presenceHours }, T0);
  await keep(60);
  expect(await left('last_seen')).toEqual(people);
  expect(await left('seen_hours')).toEqual(people.slice(0, 3));
  await keep(4);
  expect(await left('last_seen')).toEqual(people.slice(0, 3));
  await keep(2);
  expect(await left('last_seen')).toEqual([]);
});

it('forgets messages about planned works in the same time after their end, which no incident has', async () => {
  await database.pool.query('truncate outbox, waves');
  const works = (id: string, endsAt: number) =>
    database.pool.query(
      `with wave as (
         insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason,
           decided_at, valid_until, starts_at, ends_at, resource_id)
         values ($1, $1, $1, 'works', 1, 'expanded', '', now(), now(), $2, $2, 'S1') returning wave_id)
       insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision,
         subscriber_id, phone_key, language, state)
       select $1, wave_id, $1, $1, 'works', 1, 1, 'x', 'fr', 'delivered' from wave`,
      [id, new Date(endsAt)],
    );
  await works('works:W1', T0);
  await works('works:W2', T0 + 2 * DAY);
  const retention = { journalMs: DAY, forecastDays: 1, presenceHours: 1 };
  await applyRetention(database.pool, retention, T0 + 91 * DAY);
  const { rows } = await database.pool.query('select message_id from outbox');
  expect(rows).toEqual([{ message_id: 'works:W2' }]);
});
