import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImportKindName } from '../../../src/adapters/postgres/import-kinds.js';
import { copyRows } from '../../../src/adapters/postgres/import-rows.js';
import { imsiKey, phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const SECRET = 'test secret';
const MONDAY_MS = Date.UTC(2024, 0, 15);

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

type Records = Parameters<typeof copyRows>[2];
const importing = (kind: ImportKindName, rows: Records, more: object = {}) =>
  copyRows(database.pool, kind, rows, { phoneSecret: SECRET, validFromMs: MONDAY_MS, ...more });

const person = (n: number, more: object = {}) => ({
  account: `A${n}`,
  imsi: `20801000000000${n}`,
  msisdn: `06 12 34 56 7${n}`,
  contact: '',
  kind: 'person',
  segment: 'gold',
  language: 'FR',
  zone: 'Europe/Paris',
  vulnerable: n === 1,
  technologies: n === 1 ? 'LTE800 | LTE1800' : '',
  channels: n === 1 ? 'Push | sms' : '',
  home_site: 'S1',
  usual_cells: 'C1:0.6|C2:0.3',
  ...more,
});

async function all(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.pool.query(sql)).rows;
}

const identifiers = () =>
  all(`select kind, value, valid_to = 'infinity' as current from subscriber_identifiers
        order by subscriber_id, kind, value`);

test('stores attributes, identifiers in E.164 with their keys, and usual cells', async () => {
  const counts = await importing('subscribers', [person(1), person(2, { usual_cells: '' })]);
  expect(counts).toEqual({ rows: 2, inserted: 2, updated: 0, unchanged: 0, rejected: 0 });
  expect(await all('select * from subscribers order by subscriber_id limit 1')).toEqual([
    {
      subscriber_id: expect.any(Number),
      kind: 'person',
      brand: '',
      segment: 'gold',
      language: 'fr',
      zone: 'Europe/Paris',
      vulnerable: true,
      technologies: 'LTE1800|LTE800',
      channels: 'push|sms',
      home_site: 'S1',
      class: expect.any(Number),
      declares_cells: true,
      erased_at: null,
    },
  ]);
  const [number] = await all(
    "select value, phone_key, valid_from from subscriber_identifiers where kind = 'msisdn' order by value",
  );
  expect(number).toEqual({
    value: '+33612345671',
    phone_key: phoneKey(SECRET, '+33612345671'),
    valid_from: Number.NEGATIVE_INFINITY,
  });
  expect(
    await all(
      'select cell_id, weight from usual_cells join cell_numbers using (cell_no) order by 1',
    ),
  ).toEqual([
    { cell_id: 'C1', weight: expect.closeTo(0.6, 6) },
    { cell_id: 'C2', weight: expect.closeTo(0.3, 6) },
  ]);
});

test('importing the same again changes nothing', async () => {
  await importing('subscribers', [person(1), person(2)]);
  const before = await all('select xmin::text, ctid::text from subscriber_identifiers order by 2');
  const counts = await importing('subscribers', [person(1), person(2)]);
  expect(counts).toEqual({ rows: 2, inserted: 0, updated: 0, unchanged: 2, rejected: 0 });
  expect(await all('select xmin::text, ctid::text from subscriber_identifiers order by 2')).toEqual(
    before,
  );
});

test('re-import updates in place and leaves alone what the file does not have', async () => {
  await importing('subscribers', [person(1)]);
  const [before] = await all('select subscriber_id from subscribers');
  const { imsi } = person(1);
  const counts = await importing('subscribers', [
    { imsi, segment: 'silver', usual_cells: 'C2:0.5|C3:0.1' },
  ]);
  expect(counts).toMatchObject({ inserted: 0, updated: 1 });
  expect(await all('select subscriber_id, segment, language, vulnerable from subscribers')).toEqual(
    [{ ...before, segment: 'silver', language: 'fr', vulnerable: true }],
  );
  expect(
    await all(
      'select cell_id, round(weight::numeric, 3)::text as w from usual_cells join cell_numbers using (cell_no)',
    ),
  ).toEqual(
    expect.arrayContaining([
      { cell_id: 'C2', w: '0.500' },
      { cell_id: 'C3', w: '0.100' },
    ]),
  );
  expect(await identifiers()).toHaveLength(3);
});

test('a new card keeps the subscription and closes the old card', async () => {
  await importing('subscribers', [person(1)]);
  const counts = await importing('subscribers', [person(1, { imsi: '208010000000099' })]);
  expect(counts).toMatchObject({ inserted: 0, updated: 1 });
  expect(await all('select count(*)::int as n from subscribers')).toEqual([{ n: 1 }]);
  expect(await identifiers()).toEqual([
    { kind: 'account', value: 'A1', current: true },
    { kind: 'imsi', value: '208010000000001', current: false },
    { kind: 'imsi', value: '208010000000099', current: true },
    { kind: 'msisdn', value: '+33612345671', current: true },
  ]);
});

test('a number that moves to another subscription leaves the first', async () => {
  await importing('subscribers', [person(1), person(2)]);
  await importing('subscribers', [person(2, { msisdn: person(1).msisdn })]);
  expect(
    await all(
      `select i.value, a.value as account from subscriber_identifiers i
         join subscriber_identifiers a on a.subscriber_id = i.subscriber_id and a.kind = 'account'
        where i.kind = 'msisdn' and i.valid_to = 'infinity'`,
    ),
  ).toEqual([{ value: '+33612345671', account: 'A2' }]);
});

test.each([
  [{ msisdn: '12' }, 'msisdn is not a phone number'],
  [{ imsi: 'abc' }, 'imsi is not 6 to 15 digits'],
  [{ imsi: '', msisdn: '', account: '' }, 'imsi, msisdn and account are all empty'],
  [{ kind: 'robot' }, 'kind was "robot", allowed: person, dataOnly, machine, fleet, emergency'],
  [{ vulnerable: 'perhaps' }, 'vulnerable was "perhaps", allowed: true, false'],
  [{ usual_cells: 'C1:0.7|C2:0.7' }, 'usual_cells sum to 1.400'],
  [{ usual_cells: 'C1' }, 'usual_cells holds "C1", allowed: CELL:SHARE'],
  [{ usual_cells: 'C1:0.1|C1:0.1' }, 'usual_cells names C1 twice'],
  [{ zone: 'Mars/Base' }, 'zone was "Mars/Base"'],
  [{ segment: 'caf\ufffd' }, 'segment is not valid UTF-8'],
])('rejects %j', async (bad, reason) => {
  await expect(importing('subscribers', [person(1, bad)])).rejects.toThrow(reason);
});

test('rejects two rows that are the same card, number or subscription', async () => {
  const reasons: string[] = [];
  const onReject = ({ reason }: { reason: string }) => reasons.push(reason);
  await importing('subscribers', [person(1)]);
  const rows = [
    person(1),
    person(1, { msisdn: '0611111111' }),
    person(3, { msisdn: person(1).msisdn }),
    person(4),
    person(5, { msisdn: person(4).msisdn }),
  ];
  const counts = await importing('subscribers', rows, { onReject });
  expect(counts).toMatchObject({ inserted: 1, rejected: 3 });
  expect(reasons).toEqual([
    'repeats line 1',
    'belongs to the same subscription as an earlier line',
    'an earlier line has this msisdn',
  ]);
});

test('never brings back somebody who was erased', async () => {
  await importing('subscribers', [person(1), person(2)]);
  await database.pool.query('insert into erasures (identifier_key) values ($1), ($2)', [
    imsiKey(SECRET, '208010000000003'),
    phoneKey(SECRET, '+33612345674'),
  ]);
  await database.pool.query('update subscribers set erased_at = now() where vulnerable');
  const counts = await importing('subscribers', [person(1), person(2), person(3), person(4)]);
  expect(counts).toMatchObject({ inserted: 0, unchanged: 1, rejected: 3 });
});

test('presence keeps the newest sighting of people and cells that exist', async () => {
  await importing('subscribers', [person(1), person(2)]);
  await importing('sites', [{ site_id: 'S1', lat: 48, lon: -1 }]);
  await importing(
    'cells',
    ['C1', 'C2'].map((cell_id) => ({ cell_id, site_id: 'S1' })),
  );
  const reasons: string[] = [];
  const seen = (subscriber: string, cell: string, time: string) => ({ subscriber, cell, time });
  const rows = [
    seen('208010000000001', 'C1', '2024-01-15T10:00:00Z'),
    seen('+33612345671', 'C2', '2024-01-15T11:00:00Z'),
    seen('0612345672', 'C1', '2024-01-15T12:00:00+02:00'),
    seen('208010000000009', 'C1', '2024-01-15T10:00:00Z'),
    seen('208010000000002', 'C9', '2024-01-15T13:00:00Z'),
    seen('208010000000002', 'C1', 'noon'),
  ];
  const onReject = ({ line, reason }: { line: number; reason: string }) =>
    reasons.push(`${line} ${reason}`);
  const counts = await importing('presence', rows, { onReject });
  expect(counts).toMatchObject({ inserted: 2, rejected: 3 });
  expect(reasons.sort()).toEqual([
    '4 subscriber has no subscription at that time',
    '5 cell "C9" is not in the inventory',
    expect.stringContaining('6 time was "noon"'),
  ]);
  const lastSeen = () =>
    all(
      'select cell_id, seen_at from last_seen join cell_numbers using (cell_no) order by subscriber_id',
    );
  const expected = [
    { cell_id: 'C2', seen_at: new Date('2024-01-15T11:00:00Z') },
    { cell_id: 'C1', seen_at: new Date('2024-01-15T10:00:00Z') },
  ];
  expect(await lastSeen()).toEqual(expected);
  await importing('presence', [seen('208010000000001', 'C1', '2024-01-14T00:00:00Z')]);
  expect(await lastSeen()).toEqual(expected);
});

test('opt-outs are known by the key of the number alone', async () => {
  const counts = await importing('optouts', [
    { msisdn: '06 12 34 56 71' },
    { msisdn: '0033612345672' },
  ]);
  expect(counts).toMatchObject({ inserted: 2 });
  expect(await importing('optouts', [{ msisdn: '+33612345671' }])).toMatchObject({ unchanged: 1 });
  const [row] = await all(
    `select source from opt_outs where phone_key = '\\x${phoneKey(SECRET, '+33612345671').toString('hex')}'`,
  );
  expect(row).toEqual({ source: 'import' });
});

test('calls of either shape, their interval inferred when the file does not say it', async () => {
  await importing('calls', [
    {
      queue: 'care',
      start: '2024-01-15T08:00:00Z',
      intervalSeconds: 900,
      offered: 12.5,
      answered: 11,
    },
  ]);
  const plain = [0, 30, 60, 120].map((minute) => ({
    time: new Date(MONDAY_MS + minute * 60_000).toISOString().slice(0, 19),
    calls: minute,
  }));
  expect(await importing('calls', plain, { zone: 'Europe/Paris' })).toMatchObject({ inserted: 4 });
  expect(
    await all('select queue, starts_at, interval_seconds, offered from calls order by starts_at'),
  ).toMatchObject([
    { queue: 'default', starts_at: new Date('2024-01-14T23:00:00Z'), interval_seconds: 1800 },
    { offered: 30 },
    { offered: 60 },
    { offered: 120 },
    { queue: 'care', interval_seconds: 900, offered: 12.5 },
  ]);
  await expect(importing('calls', plain.slice(0, 1))).rejects.toThrow(
    'add a column interval_seconds',
  );
  for (const calls of ['-1', '1e400', '-1e400', '1e300']) {
    await expect(importing('calls', [{ time: '2024-01-15', calls }])).rejects.toThrow(
      `offered was "${calls}", allowed: a number from 0 to 10000000`,
    );
  }
});

test('a roster updates in place', async () => {
  const shift = { queue: 'care', start: '2024-01-15T08:00Z', agents: 12 };
  await importing('roster', [shift]);
  expect(await importing('roster', [{ ...shift, agents: 14 }])).toMatchObject({ updated: 1 });
});
