import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  numberOf,
  policy,
  SECRET,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const SITES = 300;
const PEOPLE = 6000;
/** Tables that grow with customers, cells or time. */
const LARGE = [
  'subscribers',
  'subscriber_identifiers',
  'usual_cells',
  'last_seen',
  'seen_hours',
  'incident_subscribers',
  'incident_cells',
  'incident_sites',
  'cell_incidents',
  'cell_numbers',
  'cells',
  'outbox',
  'erasures',
  'opt_outs',
];
/** Whether a table is one of them, or a part of one. */
const isLarge = (table: string): boolean => LARGE.includes(table.replace(/_\d+$/, ''));

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database;
  await insertNetwork(pool, SITES);
  await pool.query(
    `insert into subscribers (subscriber_id, home_site)
     select n, 'S' || n % $1 + 1 from generate_series(1, $2::int) n`,
    [SITES, PEOPLE],
  );
  await pool.query(
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
     select 'msisdn', '+336' || lpad(n::text, 8, '0'), n, sha256(n::text::bytea)
     from generate_series(1, $1::int) n`,
    [PEOPLE],
  );
  await pool.query(`update subscriber_identifiers set phone_key = $1 where subscriber_id = 1`, [
    phoneKey(SECRET, numberOf(1)),
  ]);
  await pool.query(
    `insert into usual_cells (subscriber_id, cell_no, weight)
     select n, cell_number('S' || n % $1 + 1 || '-' || k), 0.3
     from generate_series(1, $2::int) n, generate_series(1, 3) k`,
    [SITES, PEOPLE],
  );
  await pool.query(
    `insert into last_seen select n, cell_number('S' || n % $1 + 1 || '-1'), $3
     from generate_series(1, $2::int) n`,
    [SITES, PEOPLE, new Date(T0 - 600_000)],
  );
  const world = new OutboxWorld(pool, undefined, undefined, { inlinePeople: 1e6, stepPeople: 1e6 });
  const cells = Array.from({ length: 200 }, (_, n) => [1, 2, 3].map((k) => `S${n + 1}-${k}`));
  await world.decide(incident(cells.flat()));
  await pool.query(
    `insert into opt_outs (phone_key, source) select sha256(n::text::bytea), 'sms'
     from generate_series(2, $1::int, 2) n`,
    [PEOPLE],
  );
  await pool.query(
    `insert into erasures (identifier_key) select sha256(('e' || n)::bytea)
     from generate_series(1, $1::int) n`,
    [PEOPLE],
  );
  await pool.query(
    `insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision, subscriber_id,
       phone_key, language)
     select 'm' || n, wave_id, incident_id, lineage_id, 'onset', 1, n, sha256(n::text::bytea), 'fr'
     from waves, generate_series(1, $1::int) n`,
    [PEOPLE],
  );
  await pool.query('vacuum analyze');
}, 120_000);
afterAll(() => database.close());

function tablesScanned(plan: Plan): string[] {
  const below = (plan.Plans ?? []).flatMap(tablesScanned);
  const table = plan['Relation Name'];
  return plan['Node Type'] === 'Seq Scan' && table !== undefined ? [table, ...below] : below;
}

it('reads large tables by key alone', async () => {
  const asked: { text: string; values: unknown[] }[] = [];
  const recording = {
    query: (given: string | { text: string; values: unknown[] }, alone: unknown[] = []) => {
      const { text, values } = typeof given === 'string' ? { text: given, values: alone } : given;
      asked.push({ text, values });
      return database.pool.query(text, values);
    },
  } as unknown as pg.Pool;
  const lookup = postgresSubscriberLookup(recording, {
    phoneSecret: SECRET,
    crm: crmRules,
    impact: impactRules,
    policy,
    texts,
  });
  const outcome = await lookup.network(numberOf(1), { language: 'fr', nowMs: T0 });
  expect(outcome).toMatchObject({ status: 'found', network: { affected: 'yes' } });
  expect(asked.length).toBeGreaterThan(8);
  for (const { text, values } of asked) {
    const { rows } = await database.pool.query(`explain (format json) ${text}`, values);
    const scanned = tablesScanned(rows[0]['QUERY PLAN'][0].Plan);
    expect(
      scanned.filter((table) => isLarge(table)),
      text,
    ).toEqual([]);
  }
});
