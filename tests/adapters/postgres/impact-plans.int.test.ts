import { afterAll, beforeAll, expect, it } from 'vitest';
import { expandStatement, WHOM_OUTAGE } from '../../../src/adapters/postgres/expansion-sql.js';
import {
  CATCHING_AROUND,
  DARK_NEIGHBOURS,
  LOST_BY_SITE,
  SITE_COVERAGE,
} from '../../../src/adapters/postgres/exposure-sql.js';
import {
  COUNT_INCIDENT,
  estimateStatement,
  mapStatement,
  PEOPLE_OF_CELLS,
} from '../../../src/adapters/postgres/impact-sql.js';
import {
  CHANGE_CELLS,
  HEALTHY_OVERLAP,
  LOST_CELLS,
} from '../../../src/adapters/postgres/incident-cells-sql.js';
import {
  LINE_NAMES,
  NUMBER_RECORD,
  placesStatement,
  RECENT_INCIDENTS,
  RUNNING_INCIDENTS,
  SUBSCRIPTIONS,
  TOLD,
} from '../../../src/adapters/postgres/lookup-sql.js';
import { APPLY_PRESENCE } from '../../../src/adapters/postgres/presence-writer.js';
import { recurringStatement } from '../../../src/adapters/postgres/recurring-sql.js';
import { T0 } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const LARGE = [
  'subscribers',
  'subscriber_identifiers',
  'usual_cells',
  'last_seen',
  'seen_hours',
  'incident_subscribers',
  'incident_cells',
  'cell_incidents',
  'cell_numbers',
  'cells',
  'neighbours',
  'outbox',
];
/** Whether a table is one of them, or a part of one. */
const isLarge = (table: string): boolean => LARGE.includes(table.replace(/_\d+$/, ''));
const now = new Date(T0);
let database: TestDatabase;

/** 20,000 people at 400 cells, an incident over 20 of them that affects a thousand. */
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    `
    insert into sites (site_id, lat, lon) select 'S' || s, 48, 2 from generate_series(1, 100) s;
    insert into cells (cell_id, site_id) select 'C' || c, 'S' || c / 4 from generate_series(1, 400) c;
    insert into subscribers (segment, home_site)
      select 'consumer', 'S' || s % 100 from generate_series(1, 20000) s;
    insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
      select k, k || s, s, case when k = 'msisdn' then sha256(s::text::bytea) end
      from generate_series(1, 20000) s, unnest(array['imsi', 'msisdn', 'account']) k;
    insert into usual_cells (subscriber_id, cell_no, weight)
      select s, 1 + (s * 7 + k * 131) % 400, 0.3 from generate_series(1, 20000) s, generate_series(1, 3) k;
    insert into last_seen select s, 1 + s % 400, now() from generate_series(1, 20000) s;
    insert into incidents (incident_id, lineage_id, state, revision, started_at, doc, leader_epoch)
      select 'inc_' || i, 'lin_' || i, 'open', 1, now(), '{"cells": []}', 0 from generate_series(1, 20) i;
    insert into incident_cells
      select i, 1 + (c + i * 20) % 400, 1, now() from generate_series(1, 20) i, generate_series(1, 20) c;
    insert into incident_subscribers (incident_no, subscriber_id, affected_from, mapped_at, probability,
      degree, class, reachable, service)
      select i, s * 20 + i - 19, now(), now(), 0.8, 1, 1, true, 'none'
      from generate_series(1, 20) i, generate_series(1, 999) s;
    insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason, decided_at,
      valid_until) values ('w', 'inc_1', 'lin_1', 'onset', 1, 'expanding', '', now(), now());
    insert into outbox (message_id, wave_id, incident_id, lineage_id, kind, revision, subscriber_id,
      phone_key, language, state)
      select 'm' || s, 'w', 'inc_1', 'lin_1', 'onset', 1, s, sha256(s::text::bytea), 'fr', 'delivered'
      from generate_series(1, 5000) s;
    vacuum analyze`.replace('vacuum analyze', ''),
  );
  await database.pool.query('vacuum analyze');
}, 120_000);
afterAll(() => database.close());

const stays = [[0], [T0 / 1000], [0.001], [0]];
const lost = [
  [1, 2, 3],
  [1, 1, 0],
  [0, 0, 0.5],
  [0, 0, 0.5],
  [0, 0, 0],
  [now, now, now],
];
const loss = [
  [0.2, 0.5, 0],
  [0.4, 0.5, 0.1],
];
const mapping = (last: readonly unknown[]): unknown[] => [
  ...[1, now, ...stays, 1, 0.1, ...lost, ...loss, [0.5]],
  ...last,
];
const hot: Record<string, readonly [sql: string, values: readonly unknown[]]> = {
  'the list of an incident': [mapStatement('range', 'lastSeen'), mapping([0, 2_147_483_647])],
  'the list by learnt cells': [mapStatement('range', 'learnt'), mapping([0, 2_147_483_647])],
  'the people of changed cells': [mapStatement('people', 'learnt'), mapping([[1, 2, 3]])],
  'the list by declared places': [mapStatement('range', 'declared'), mapping([0, 20])],
  'the change of some cells': [
    CHANGE_CELLS,
    [1, ['C1', 'C2'], [1, 1], [now, now], [1, 1], [0, 0], [0, 0], [0, 0]],
  ],
  'the change of overlaps': [HEALTHY_OVERLAP, [['C1', 'C2'], now]],
  'the list of lost cells': [LOST_CELLS, [1]],
  'the change of places': [SITE_COVERAGE, [1, now, 0.3, [1, 2]]],
  'the change of lost sites': [LOST_BY_SITE, [1, now]],
  'which cells a change makes catch': [CATCHING_AROUND, [[1, 2], now]],
  'the change of catching cells': [DARK_NEIGHBOURS, [1, now, [1, 2]]],
  'the quick estimate': [estimateStatement('learnt'), [1, now, 1, 0.1, ...lost, ...loss]],
  'the counts': [COUNT_INCIDENT, [1, false]],
  'how many people cells have': [PEOPLE_OF_CELLS, [[1, 2, 3], 1000]],
  sightings: [APPLY_PRESENCE, [['imsi1', '33'], [1, 2], [now, now], now]],
  'whose a number is': [SUBSCRIPTIONS, [Buffer.from('00', 'hex'), 10]],
  'what is known of a number': [NUMBER_RECORD, [Buffer.from('00', 'hex')]],
  'where somebody is': [placesStatement('learnt'), [[17], now]],
  'what affects somebody': [RUNNING_INCIDENTS, [[1, 2], ['S1'], [17]]],
  'what somebody was told': [TOLD, [[17], now]],
  'what comes again and again': [recurringStatement('cell'), [now, now, 3, 24, 20]],
  'what there was of late': [RECENT_INCIDENTS, [[1, 2], [17], now]],
  'what lines are called': [LINE_NAMES, [[17]]],
  'a chunk of a wave': [
    expandStatement(WHOM_OUTAGE),
    [
      ...['inc_1', 0, 20, 'w', 'lin_1', 'onset', 1, 'pending', null, '-infinity'],
      ...[[1], ['none'], [true], [0.5], [1], [null], 1, null, [''], [true], [true], ['sms'], [2]],
    ],
  ],
};

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'CTE Name'?: string;
  Plans?: Plan[];
}

function scanned(plan: Plan): string[] {
  const own = plan['Node Type'].includes('Seq Scan') ? [plan['Relation Name'] ?? ''] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scanned)];
}

/** Short lists that a plan reads again for each row of something else. */
function heldAgainstEach(plan: Plan, isRepeated = false): string[] {
  const own = isRepeated && plan['Node Type'] === 'CTE Scan' ? [plan['CTE Name'] ?? ''] : [];
  const isLoop = plan['Node Type'] === 'Nested Loop';
  const within = (plan.Plans ?? []).flatMap((each, n) =>
    heldAgainstEach(each, isRepeated || (isLoop && n === 1)),
  );
  return [...own, ...within];
}

async function planOf(sql: string, values: readonly unknown[], setting: string): Promise<Plan> {
  const client = await database.pool.connect();
  try {
    await client.query(`begin; set local enable_seqscan = ${setting}`);
    const { rows } = await client.query(`explain (format json) ${sql}`, [...values]);
    return rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

async function seqScans(
  sql: string,
  values: readonly unknown[],
  setting: string,
): Promise<string[]> {
  return scanned(await planOf(sql, values, setting)).filter((table) => isLarge(table));
}

it.each(Object.keys(hot))('reads no large table from end to end for %s', async (name) => {
  const [sql, values] = hot[name] ?? ['', []];
  // mappings are run with sequential scans off; what reads few cells of a country meets a small one
  const setting = /list|change|estimate/.test(name) ? 'off' : 'on';
  expect(await seqScans(sql, values, setting)).toEqual([]);
});

it('would see one', async () => {
  expect(
    await seqScans('select count(weight) from usual_cells where weight > 0', [], 'on'),
  ).toEqual(['usual_cells']);
  expect(
    new Set(await seqScans(`select count(*) from last_seen where seen_at > now()`, [], 'on')),
  ).toEqual(new Set([0, 1, 2, 3].map((part) => `last_seen_${part}`)));
});

it.each([
  ['range', 100],
  ['range', 300],
  ['people', 100],
  ['people', 300],
] as const)('joins lost cells to a %s at once: %i cells', async (scope, count) => {
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  const cells = lost.map((column, n) => (n === 0 ? numbers : numbers.map(() => column[0])));
  const scopes = {
    range: [0, 2_147_483_647],
    people: [Array.from({ length: 5000 }, (_, n) => n + 1)],
  };
  const values = [1, now, ...stays, 1, 0.1, ...cells, ...loss, [0.5], ...scopes[scope]];
  expect(heldAgainstEach(await planOf(mapStatement(scope, 'learnt'), values, 'off'))).toEqual([]);
});
