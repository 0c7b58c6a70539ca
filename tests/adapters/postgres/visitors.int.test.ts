import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { importFile } from '../../../src/adapters/postgres/import-file.js';
import { readVisitors } from '../../../src/adapters/postgres/incident-visitors.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { PostgresPresenceWriter } from '../../../src/adapters/postgres/presence-writer.js';
import { applyRetention } from '../../../src/adapters/postgres/retention.js';
import { enforceMode } from '../../../src/adapters/postgres/whereabouts-mode.js';
import type { ImpactSummary } from '../../../src/domain/customer.js';
import type { Incident } from '../../../src/domain/incident.js';
import {
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  resolved,
  SECRET,
  saveIncident,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const rules = {
  ...impactRules,
  visitors: {
    ...impactRules.visitors,
    ownNetworks: ['20801'],
    ownCountryCodes: ['33'],
    foreignCells: '^(?!20801)\\d{5}-',
    names: { '26201': 'Telekom' },
  },
};
const open = incident(['S1-1', 'S1-2', 'S1-3']);
const GERMAN = '26201000000000';
let database: TestDatabase;
let writer: PostgresPresenceWriter;

beforeAll(async () => {
  database = await testDatabase();
  writer = new PostgresPresenceWriter(database.pool, rules, SECRET);
  await insertNetwork(database.pool, 3);
});
afterAll(() => database.close());
beforeEach(() =>
  database.pool.query(
    `truncate subscribers, subscriber_identifiers, usual_cells, last_seen, seen_hours, visitors_seen,
       incident_visitors, incident_subscribers, incident_cells, incident_sites, incident_catching,
       impact_counts, impact_state, impact_history, incidents`,
  ),
);

const see = (subscriber: string, cell: string, minute: number) =>
  writer.apply(
    [{ subscriber, cell, time: new Date(T0 + minute * MINUTE).toISOString() }],
    T0 + 600 * MINUTE,
  );
const map = (doc: Incident, minute: number): Promise<ImpactSummary> =>
  withTransaction(database.pool, async (client) => {
    await saveIncident(client, doc);
    return new PostgresImpactStore(rules).map(client, doc, T0 + minute * MINUTE);
  });

describe('visitors', () => {
  it('are counted by home where they were seen last, and so is their going', async () => {
    for (const n of [1, 2, 3]) await see(`${GERMAN}${n}`, 'S1-1', -20);
    await see('+447400123456', 'S1-2', -10);
    await see('310260123456789', 'S2-1', -10);
    await see(`${GERMAN}4`, 'S1-1', -200);
    expect((await map(open, 0)).visitors).toBe(4);
    await see(`${GERMAN}1`, 'S2-1', 5);
    await see(`${GERMAN}2`, 'S1-3', -30);
    expect((await map(open, 10)).visitors).toBe(3);
    expect(await readVisitors(database.pool, 'inc_1', rules.visitors.names)).toEqual([
      { network: '26201', name: 'Telekom', country: 'DE', now: 2, most: 3 },
      { network: '', name: null, country: 'GB', now: 1, most: 1 },
    ]);
    expect((await map(resolved(open), 30)).visitors).toBe(4);
    expect(await readVisitors(database.pool, 'inc_1', {})).toMatchObject([
      { now: 0, most: 3 },
      { now: 0, most: 1 },
    ]);
  });

  it('are known by no number, and forgotten with other sightings', async () => {
    await see(`${GERMAN}1`, 'S1-1', 0);
    const { rows } = await database.pool.query('select v::text as row from visitors_seen v');
    expect(rows[0]?.row).not.toContain(`${GERMAN}1`);
    const retention = { journalMs: 1e12, forecastDays: 1, presenceHours: 12, abroadHours: 72 };
    await applyRetention(database.pool, retention, T0 + 721 * MINUTE);
    expect((await database.pool.query('select from visitors_seen')).rowCount).toBe(0);
  });

  it('are not those who have a subscription of ours, nor counted where nothing tells them', async () => {
    await insertSubscribers(database.pool, [{ id: 1, number: '+447400123456' }]);
    expect(await see('+447400123456', 'S1-1', 0)).toMatchObject({ applied: 1, visitors: 0 });
    expect(await see(`${GERMAN}1`, 'no such cell', 0)).toMatchObject({
      unknownCell: 1,
      visitors: 0,
    });
    expect(await see(`${GERMAN}1`, 'S1-1', 700)).toMatchObject({ future: 1, visitors: 0 });
    const plain = new PostgresPresenceWriter(database.pool, impactRules, SECRET);
    const time = new Date(T0).toISOString();
    const counts = await plain.apply([{ subscriber: `${GERMAN}1`, cell: 'S1-1', time }], T0);
    expect(counts).toMatchObject({ unknownSubscriber: 1, visitors: 0 });
  });

  it('are not kept where sightings may not be', async () => {
    await see(`${GERMAN}1`, 'S1-1', 0);
    await enforceMode(database.pool, 'declared');
    await see(`${GERMAN}2`, 'S1-1', 0);
    expect((await database.pool.query('select from visitors_seen')).rowCount).toBe(0);
    await enforceMode(database.pool, 'learnt');
    await see(`${GERMAN}2`, 'S1-1', 0);
    expect((await database.pool.query('select from visitors_seen')).rowCount).toBe(1);
  });

  it('come from files of call records, too, and again to no effect', async () => {
    await insertSubscribers(database.pool, [{ id: 1 }]);
    const folder = await mkdtemp(join(tmpdir(), 'visitors-'));
    const path = join(folder, 'presence.csv');
    const time = new Date(T0 - MINUTE).toISOString();
    await writeFile(
      path,
      [
        'subscriber,cell,time',
        `${GERMAN}1,S1-1,${time}`,
        `${GERMAN}2,S9-9,${time}`,
        `${numberOf(1)},S1-1,${time}`,
        `208010000000099,S1-1,${time}`,
      ].join('\n'),
    );
    const options = { phoneSecret: SECRET, visitors: rules.visitors };
    try {
      const report = await importFile(database.pool, 'presence', path, options);
      expect(report).toMatchObject({ rows: 4, inserted: 2, rejected: 2 });
      await see(`${GERMAN}1`, 'S1-1', -1);
      expect((await map(open, 0)).visitors).toBe(1);
      const again = await importFile(database.pool, 'presence', path, options);
      expect(again).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a subscriber who is abroad', () => {
  it('is affected by nothing here until seen here again, however long ago that was', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
    expect(await see(numberOf(1), '26201-4711', -2000)).toMatchObject({ applied: 1 });
    expect((await map(open, 0)).subscribers).toBe(0);
    expect((await database.pool.query('select from seen_hours')).rowCount).toBe(0);
    await see(numberOf(1), 'S1-1', 1);
    expect((await map(open, 30)).subscribers).toBe(1);
  });

  it('is so for the time that the rules give', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
    await see(numberOf(1), '26201-4711', 0);
    const retention = { journalMs: 1e12, forecastDays: 1, presenceHours: 12, abroadHours: 72 };
    await applyRetention(database.pool, retention, T0 + 71 * 60 * MINUTE);
    expect((await database.pool.query('select from last_seen')).rowCount).toBe(1);
    await applyRetention(database.pool, retention, T0 + 73 * 60 * MINUTE);
    expect((await database.pool.query('select from last_seen')).rowCount).toBe(0);
  });
});
