import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { importFile } from '../../../src/adapters/postgres/import-file.js';
import type { ImportKindName } from '../../../src/adapters/postgres/import-kinds.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-calls-'));
});
beforeEach(async () => {
  await database.pool.query('truncate calls, roster');
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function importing(kind: ImportKindName, lines: readonly string[], more: object = {}) {
  const path = join(folder, `${kind}.csv`);
  await writeFile(path, lines.join('\r\n'));
  return importFile(database.pool, kind, path, { phoneSecret: 's', ...more });
}

const all = async (sql: string) => (await database.pool.query(sql)).rows;

const GENESYS = [
  'Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled,Total Handle Time (Seconds)',
  '2026-02-26T00:00:00Z,Care,Voice,forecasting|||recording,Spanish,16,6,1200',
  '2026-02-26T00:00:00.000Z,Care,Voice,,French,4,4,800',
  '2026-02-26T00:00:00Z,Care,Chat,analytics,French,14,7,2100',
  '2026-02-26T00:15:00Z,Care,Voice,,French,3,0,0',
];

test('a file of Genesys Cloud: skill sets and languages add up, each media is a queue', async () => {
  const options = { format: 'genesys', zone: 'Europe/Paris' };
  expect(await importing('calls', GENESYS, options)).toMatchObject({
    rows: 4,
    inserted: 3,
    unchanged: 0,
    rejected: 0,
  });
  expect(
    await all(
      `select queue, media, starts_at at time zone 'UTC' = '2026-02-26' as first, interval_seconds,
         offered, answered, handle_seconds from calls order by starts_at, queue`,
    ),
  ).toEqual([
    row('Care', 'voice', true, [20, 10, 200]),
    row('Care (chat)', 'chat', true, [14, 7, 300]),
    row('Care', 'voice', false, [3, 0, null]),
  ]);
  expect(await importing('calls', GENESYS, options)).toMatchObject({ inserted: 0, unchanged: 3 });
});

test('a running forecaster is told of past calls that have changed, and of none otherwise', async () => {
  const journal = new PostgresJournal(database.pool);
  const told = async () => (await journal.read(CONTROL_STREAM, -1, 100)).map(({ fact }) => fact);
  const before = (await told()).length;
  const lines = ['time,calls,interval_seconds', '2026-02-26T08:00:00Z,7,900'];
  await importing('calls', lines);
  await importing('calls', lines);
  const [fact, ...others] = (await told()).slice(before);
  expect(fact).toMatchObject({ kind: 'callHistory' });
  await importing('calls', [...lines, '2026-02-26T08:15:00Z,9,900']);
  const [, later] = (await told()).slice(before);
  const versionOf = (each: typeof fact): number =>
    each?.kind === 'callHistory' ? (each.items[0]?.version ?? 0) : 0;
  expect(versionOf(later)).toBe(versionOf(fact) + 1);
  expect(others).toEqual([]);
});

function row(queue: string, media: string, first: boolean, measures: (number | null)[]) {
  const [offered, answered, handle_seconds] = measures;
  return { queue, media, first, interval_seconds: 900, offered, answered, handle_seconds };
}

test('refuses what Genesys Cloud would refuse, line by line', async () => {
  const lines = [
    ...GENESYS,
    '2026-02-26T00:20:00Z,Care,Voice,,French,3,0,0',
    '2026-02-26T00:30:00Z,Care,Fax,,French,3,0,0',
    '2026-02-26T00:30:00Z,,Voice,,French,3,0,0',
    '2026-02-26T00:30:00Z,Care,Voice,,French,-3,0,0',
    '2026-02-26T00:30:00Z,Care,Voice,,French,3,1,90000',
    '2026-02-26T00:15:00Z,Care,Voice,,French,3,0,0',
  ];
  expect(await importing('calls', lines, { format: 'genesys' })).toMatchObject({ rejected: 6 });
  expect(await readFile(join(folder, 'calls.rejects.csv'), 'utf8')).toBe(
    [
      'line,reason',
      '6,"start was ""2026-02-26T00:20:00.000Z"", allowed: a quarter hour, as 2026-05-31T14:15:00Z"',
      '7,"media was ""Fax"", allowed: voice, callback, chat, email, message"',
      '8,"queue is empty"',
      '9,"offered was ""-3"", allowed: a number from 0 to 10000000"',
      '10,"total_handle_seconds was ""90000"" for 1 handled, allowed: a day each"',
      '11,"repeats line 5"',
      '',
    ].join('\n'),
  );
  await expect(importing('roster', GENESYS, { format: 'genesys' })).rejects.toThrow(
    'format genesys is of calls, not of roster',
  );
});

test('calls at the IVR, contained there and offered to the queue stay apart', async () => {
  await importing('calls', [
    'queue,media,start,interval_seconds,ivr_offered,ivr_contained,offered,answered,abandoned',
    'care,,2026-02-26T08:00Z,900,100,40,60,50,9',
    'care,callback,2026-02-26T08:00Z,900,,,7,7,0',
  ]);
  expect(
    await all('select queue, ivr_offered, ivr_contained, offered, abandoned from calls order by 1'),
  ).toEqual([
    { queue: 'care', ivr_offered: 100, ivr_contained: 40, offered: 60, abandoned: 9 },
    { queue: 'care (callback)', ivr_offered: null, ivr_contained: null, offered: 7, abandoned: 0 },
  ]);
});

test('a roster may not say two things of one moment', async () => {
  const header = 'queue,media,start,interval_seconds,agents';
  await importing('roster', [header, 'care,,2026-02-26T08:00Z,1800,12']);
  const report = await importing('roster', [
    header,
    'care,,2026-02-26T08:15Z,900,3',
    'care,,2026-02-26T09:00Z,3600,10',
    'care,,2026-02-26T09:30Z,1800,11',
    'care,chat,2026-02-26T09:30Z,1800,2',
    'care,,2026-02-26T10:00Z,1800.5,2',
    'care,,2026-02-26T10:30Z,1800,-1',
  ]);
  expect(report).toMatchObject({ inserted: 2, rejected: 4 });
  expect(report.firstRejects.map(({ line, reason }) => [line, reason.split(':')[0]])).toEqual([
    [7, 'agents was "-1", allowed'],
    [2, 'overlaps a row that was imported before and starts at another time'],
    [4, 'overlaps line 3 of the same queue'],
    [6, 'interval_seconds was 1800.5, allowed'],
  ]);
  const again = [header, 'care,,2026-02-26T08:00Z,900,12', 'care,,2026-02-26T08:15Z,900,3'];
  expect(await importing('roster', again)).toMatchObject({ inserted: 1, updated: 1, rejected: 0 });
});

test.each([
  ['a negative count', '2026-02-26T08:00Z,900,-4', /offered was "-4", allowed: a number from 0/],
  ['no number', '2026-02-26T08:00Z,900,NaN', /offered was "NaN"/],
  ['a count beyond any number', '2026-02-26T08:00Z,900,1e400', /offered was "1e400"/],
  ['an empty count', '2026-02-26T08:00Z,900,', /offered/],
  ['no time', 'yesterday,900,4', /start was "yesterday"/],
  ['an interval that does not divide the day', '2026-02-26T08:00Z,420,4', /420, allowed: .*divide/],
  ['a time that was there', '2026-02-26T07:00Z,900,8', /repeats line 2/],
  ['a total within a longer one', '2026-02-26T10:15Z,900,8', /line 3 is a total of 3600 s.*counts/],
])('refuses %s by line and reason, and takes the other rows', async (_, line, reason) => {
  const good = [
    'start,interval_seconds,calls',
    '2026-02-26T07:00Z,900,3.5',
    '2026-02-26T10:00Z,3600,0',
  ];
  const report = await importing('calls', [...good, line]);
  expect(report).toMatchObject({ rows: 3, inserted: 2, rejected: 1 });
  expect(report.firstRejects[0]).toMatchObject({ line: 4, reason: expect.stringMatching(reason) });
  expect(await all('select sum(offered) from calls')).toEqual([{ sum: 3.5 }]);
});

test('single calls add up by 5 minutes, quiet ones between are none, and again they change nothing', async () => {
  const lines = [
    'call_id,time,queue,area,caller,outcome,handle_seconds',
    'a,2026-02-26T08:01:10Z,care,north,+33612345678,answered,120',
    'b,2026-02-26T08:04:59Z,care,north,,abandoned,',
    'c,2026-02-26T08:04:00Z,care,,,answered,60',
    'd,2026-02-26T08:16:00Z,care,,,,',
    'a,2026-02-26T08:20:00Z,care,,,,',
  ];
  const report = await importing('calls', lines, { format: 'single' });
  expect(report).toMatchObject({ rows: 5, rejected: 1 });
  expect(report.firstRejects[0]?.reason).toBe('call_id is that of line 2');
  const stored = `select area, to_char(starts_at at time zone 'UTC', 'HH24:MI') as at, offered,
    abandoned, handle_seconds from calls order by starts_at, area`;
  expect(await all(stored)).toEqual([
    { area: '', at: '08:00', offered: 1, abandoned: 0, handle_seconds: 60 },
    { area: 'north', at: '08:00', offered: 2, abandoned: 1, handle_seconds: 120 },
    { area: '', at: '08:05', offered: 0, abandoned: null, handle_seconds: null },
    { area: '', at: '08:10', offered: 0, abandoned: null, handle_seconds: null },
    { area: '', at: '08:15', offered: 1, abandoned: null, handle_seconds: null },
  ]);
  expect(await importing('calls', lines, { format: 'single' })).toMatchObject({
    inserted: 0,
    updated: 0,
  });
});

test('single calls and totals of a queue are never counted twice: totals count, whichever comes first', async () => {
  const single = ['time,queue,area', '2026-02-26T08:01Z,care,north', '2026-02-26T08:31Z,care,'];
  const totals = ['start,interval_seconds,queue,calls', '2026-02-26T08:00Z,900,care,7'];
  await importing('calls', single, { format: 'single' });
  await importing('calls', totals);
  const sum = 'select sum(offered)::int as calls from calls';
  expect(await all(sum)).toEqual([{ calls: 8 }]);
  const report = await importing('calls', single, { format: 'single' });
  expect(report.firstRejects).toEqual([
    {
      line: 2,
      reason:
        'queue "care" has a total of 900 s from 2026-02-26T08:00Z over this time, which counts: nothing is counted twice',
    },
  ]);
  expect(await all(sum)).toEqual([{ calls: 8 }]);
});
