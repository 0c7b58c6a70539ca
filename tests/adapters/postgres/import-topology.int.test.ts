import { afterEach, beforeEach, expect, test } from 'vitest';
import { AliasTable } from '../../../src/adapters/postgres/aliases.js';
import type { ImportKindName } from '../../../src/adapters/postgres/import-kinds.js';
import { copyRows } from '../../../src/adapters/postgres/import-rows.js';
import { loadTopology } from '../../../src/adapters/postgres/topology.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const MONDAY_MS = Date.UTC(2024, 0, 15);
const TUESDAY_MS = MONDAY_MS + 86_400_000;
const SUNDAY_MS = MONDAY_MS - 86_400_000;

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query("insert into sites (site_id, lat, lon) values ('S1', 48.1, -1.6)");
});
afterEach(() => database.close());

type Records = Parameters<typeof copyRows>[2];
const importing = (kind: ImportKindName, rows: Records, more: object = {}) =>
  copyRows(database.pool, kind, rows, { phoneSecret: 's', validFromMs: MONDAY_MS, ...more });

const cell = (cell_id: string, more: object = {}) => ({ cell_id, site_id: 'S1', ...more });

test('a first import is valid since ever, for replays of the past', async () => {
  await database.pool.query('truncate sites');
  await importing('sites', [{ site_id: 'S1', name: 'Mairie', lat: 48.1, lon: -1.6, zone: '' }]);
  await importing('cells', [cell('C1', { azimuth: 120, technology: 'LTE' })]);
  await importing('links', [{ link_id: 'L1', parent_id: 'A1', child_id: 'S1', kind: 'transport' }]);
  await importing('neighbours', [{ cell_id: 'C1', neighbour_id: 'C2' }]);
  await importing('works', [
    {
      work_id: 'W1',
      resource_id: 'S1',
      starts_at: '2024-01-15 10:00',
      ends_at: '2024-01-15T12:00+01:00',
      description: 'câble',
    },
  ]);
  expect(await loadTopology(database.pool, 0)).toEqual({
    sites: [{ siteId: 'S1', name: 'Mairie', lat: 48.1, lon: -1.6 }],
    cells: [{ cellId: 'C1', siteId: 'S1', azimuth: 120, technology: 'LTE' }],
    links: [{ linkId: 'L1', parentId: 'A1', childId: 'S1', kind: 'transport' }],
    neighbours: [{ cellId: 'C1', neighbourId: 'C2', weight: 1 }],
    works: [
      {
        workId: 'W1',
        resourceId: 'S1',
        startsAtMs: MONDAY_MS + 10 * 3_600_000,
        endsAtMs: MONDAY_MS + 11 * 3_600_000,
        description: 'câble',
      },
    ],
  });
});

test('a changed row ends the old one and begins a new one, the same row does nothing', async () => {
  await importing('cells', [cell('C1', { vendor: 'A', azimuth: 10 }), cell('C2', { vendor: 'A' })]);
  const counts = await importing('cells', [
    cell('C1', { vendor: 'B' }),
    cell('C2', { vendor: 'A' }),
  ]);
  expect(counts).toEqual({ rows: 2, inserted: 0, updated: 1, unchanged: 1, rejected: 0 });
  const vendorAt = async (atMs: number) =>
    (await loadTopology(database.pool, atMs)).cells.map(({ vendor, azimuth }) => [vendor, azimuth]);
  expect(await vendorAt(MONDAY_MS - 1)).toEqual([
    ['A', 10],
    ['A', undefined],
  ]);
  // the second input has no azimuth: what was known stays
  expect(await vendorAt(MONDAY_MS)).toEqual([
    ['B', 10],
    ['A', undefined],
  ]);
  // a second change at the same moment leaves no row of no duration
  await importing('cells', [cell('C1', { vendor: 'C' })]);
  expect(await vendorAt(MONDAY_MS)).toEqual([
    ['C', 10],
    ['A', undefined],
  ]);
  const rows = await database.pool.query("select 1 from cells where cell_id = 'C1'");
  expect(rows.rowCount).toBe(2);
});

test('a complete inventory ends what it lacks, and an object that returns starts anew', async () => {
  await importing('cells', [cell('C1'), cell('C2')]);
  const counts = await importing('cells', [cell('C1')], { isComplete: true });
  expect(counts).toMatchObject({ updated: 1 });
  const cellsAt = async (atMs: number) =>
    (await loadTopology(database.pool, atMs)).cells.map(({ cellId }) => cellId);
  expect(await cellsAt(SUNDAY_MS)).toEqual(['C1', 'C2']);
  expect(await cellsAt(MONDAY_MS)).toEqual(['C1']);
  await importing('cells', [cell('C2')], { validFromMs: TUESDAY_MS });
  expect(await cellsAt(TUESDAY_MS - 1)).toEqual(['C1']);
  expect(await cellsAt(TUESDAY_MS)).toEqual(['C1', 'C2']);
});

test('a complete inventory with a bad row is refused whole, since the row would end', async () => {
  await importing('cells', [cell('C1'), cell('C2')]);
  const bad = [cell('C1', { azimuth: 10 }), cell('C2', { azimuth: 400 })];
  await expect(importing('cells', bad, { isComplete: true })).rejects.toThrow(
    '1 of 2 were rejected, first line 2: azimuth was "400", allowed: a number from 0 to 360',
  );
  expect((await loadTopology(database.pool, MONDAY_MS)).cells).toHaveLength(2);
});

test.each([
  ['sites', { site_id: 'S', lat: 91, lon: 0 }, 'lat was "91", allowed: a number from -90 to 90'],
  ['sites', { site_id: 'S', lat: 'NaN', lon: 0 }, 'lat was "NaN"'],
  ['sites', { site_id: 'S', lat: '1e400', lon: 0 }, 'lat was "1e400"'],
  ['sites', { site_id: '', lat: 1, lon: 0 }, 'site_id is empty'],
  ['sites', { site_id: 'S', lat: 1, lon: 0, zone: 'Paris' }, 'zone was "Paris", allowed: an IANA'],
  ['cells', { cell_id: 'x'.repeat(300), site_id: 'S' }, 'cell_id has 300 characters'],
  ['cells', cell('C1', { site_id: 'S9' }), 'site_id "S9" is no site of the inventory: import s'],
  ['links', { link_id: 'L', parent_id: 'A', child_id: 'A', kind: 'x' }, 'are both "A"'],
  ['neighbours', { cell_id: 'A', neighbour_id: 'B', weight: 2 }, 'weight was "2"'],
  ['aliases', { system: 's', alias: 'a', object_type: 'tower', object_id: 'x' }, 'was "tower"'],
  [
    'works',
    { work_id: 'W', resource_id: 'S', starts_at: '2024-02-30', ends_at: '2024-03-01' },
    'starts_at was "2024-02-30", allowed: a time such as',
  ],
  [
    'works',
    { work_id: 'W', resource_id: 'S', starts_at: '2024-03-02', ends_at: '2024-03-01' },
    'ends_at is not after starts_at',
  ],
] as const)('rejects a row of %s that cannot be true: %j', async (kind, bad, reason) => {
  await expect(importing(kind, [bad])).rejects.toThrow(reason);
});

test('rejects the cells of unknown and of ended sites alone', async () => {
  const site = (site_id: string) => ({ site_id, lat: 48, lon: -1 });
  await importing('sites', [site('S1'), site('S2')], { validFromMs: SUNDAY_MS });
  await importing('sites', [site('S1')], { isComplete: true });
  const rejects: { line: number }[] = [];
  const rows = [cell('C1'), cell('C2', { site_id: 'S2' }), cell('C3', { site_id: 's1' })];
  const counts = await importing('cells', rows, {
    onReject: (each: { line: number }) => rejects.push(each),
  });
  expect(counts).toMatchObject({ inserted: 1, rejected: 2 });
  expect(rejects.map(({ line }) => line)).toEqual([2, 3]);
});

test('keeps the first of two rows that name the same thing', async () => {
  const rejects: unknown[] = [];
  const rows = [
    cell('C1', { vendor: 'A' }),
    cell('C2', { vendor: 'A' }),
    cell('C1', { vendor: 'B' }),
  ];
  const counts = await importing('cells', rows, {
    onReject: (each: unknown) => rejects.push(each),
  });
  expect(counts).toMatchObject({ inserted: 2, rejected: 1 });
  expect(rejects).toEqual([{ line: 3, reason: 'repeats line 1' }]);
});

test('aliases resolve as of the time of the sample', async () => {
  const alias = (object_id: string, valid_from = '', valid_to = '') => ({
    system: 'oss',
    alias: 'DN=1',
    object_type: 'cell',
    object_id,
    valid_from,
    valid_to,
  });
  await importing('aliases', [alias('C1')]);
  await importing('aliases', [alias('C2', '2024-01-15T00:00:00Z'), alias('C3', '2024-01-16')]);
  await importing('cells', [cell('C1')]);
  const table = new AliasTable(database.pool);
  expect(table.isKnown('cell', 'nobody')).toBe(true);
  await table.refresh();
  const at = (ms: number) => table.resolve('oss', 'DN=1', ms);
  expect([at(0), at(MONDAY_MS - 1), at(MONDAY_MS)]).toEqual(['C1', 'C1', 'C2']);
  expect([at(TUESDAY_MS - 1), at(TUESDAY_MS)]).toEqual(['C2', 'C3']);
  expect(table.resolve('other', 'DN=1', 0)).toBeUndefined();
  expect([table.isKnown('cell', 'C1'), table.isKnown('cell', 'C9')]).toEqual([true, false]);
  // no link has been imported, so nothing can be said about links
  expect(table.isKnown('link', 'L9')).toBe(true);
});
