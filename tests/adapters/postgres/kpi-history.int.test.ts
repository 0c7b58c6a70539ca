import { afterAll, beforeEach, expect, test } from 'vitest';
import { KpiHistory } from '../../../src/adapters/postgres/kpi-history.js';
import type { LanePeriod, LaneSpec } from '../../../src/domain/lane.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const DAY_MS = Date.UTC(2024, 0, 15);
const QUARTER_MS = 900_000;
const NOTHING = Number.NaN;

let database: TestDatabase | undefined;
let history: KpiHistory;
beforeEach(async () => {
  await database?.close();
  database = await testDatabase();
  history = new KpiHistory(database.pool);
});
afterAll(() => database?.close());

const definition = { kind: 'gauge', unit: '%', bad: 'low' } as const;
const lane: LaneSpec = {
  feed: 'ran',
  collector: 'oss',
  objectType: 'cell',
  periodSeconds: 900,
  latenessSeconds: 300,
  zone: 'UTC',
  holidays: [],
  kpis: ['a', 'b'].map((name) => ({ name, definition })),
};

/** Values are period × 100 + object × 10 + KPI, expected one more, the band 5 wide either way. */
function period(
  place: number,
  objectIds: string[],
  overrides: Partial<LanePeriod> = {},
): LanePeriod {
  const values = Float32Array.from(
    objectIds.flatMap((_, row) => [place * 100 + row * 10, place * 100 + row * 10 + 1]),
  );
  return {
    lane,
    periodStartMs: DAY_MS + place * QUARTER_MS,
    objectIds,
    values,
    expected: values.map((value) => value + 1),
    lo: values.map((value) => value - 5),
    hi: values.map((value) => value + 5),
    ...overrides,
  };
}

const all = (objectId: string, from = 0, to = 1000) => ({
  objectType: 'cell' as const,
  objectId,
  fromMs: DAY_MS + from * QUARTER_MS,
  toMs: DAY_MS + to * QUARTER_MS,
});

async function valuesOf(objectId: string, kpi = 'a', from = 0, to = 1000) {
  const series = await history.read(all(objectId, from, to));
  return series
    .find((each) => each.kpi === kpi)
    ?.points.map(({ t, value }) => [(t - DAY_MS) / QUARTER_MS, value]);
}

test('gives back value, expectation and band of every KPI', async () => {
  history.observe(period(3, ['c1', 'c2']));
  await history.flush();
  expect(await history.read(all('c2'))).toEqual([
    {
      feed: 'ran',
      kpi: 'a',
      periodSeconds: 900,
      points: [{ t: DAY_MS + 3 * QUARTER_MS, value: 310, expected: 311, lo: 305, hi: 315 }],
    },
    {
      feed: 'ran',
      kpi: 'b',
      periodSeconds: 900,
      points: [{ t: DAY_MS + 3 * QUARTER_MS, value: 311, expected: 312, lo: 306, hi: 316 }],
    },
  ]);
  expect(await history.read(all('c3'))).toEqual([]);
});

test('joins hours, days, objects that come later and in another order', async () => {
  for (let place = 90; place < 102; place++) {
    history.observe(period(place, place < 95 ? ['c1', 'c2'] : ['c3', 'c2', 'c1']));
  }
  expect(history.fullBuffers).toBe(3);
  await history.flush();
  const late = (await valuesOf('c1'))?.filter(([place]) => (place ?? 0) >= 95);
  expect(late).toEqual([95, 96, 97, 98, 99, 100, 101].map((place) => [place, place * 100 + 20]));
  expect((await valuesOf('c2'))?.length).toBe(12);
  expect((await valuesOf('c3'))?.filter(([, value]) => value !== null).length).toBe(7);
  expect(await valuesOf('c2', 'a', 92, 94)).toEqual([
    [92, 9210],
    [93, 9310],
  ]);
});

test('a flush of some objects loses and doubles nothing of the hour', async () => {
  history.observe(period(0, ['c1', 'c2']));
  await history.flush(['c1']);
  history.observe(period(1, ['c1', 'c2']));
  await history.flush(['c1', 'unknown']);
  expect(await valuesOf('c2')).toBeUndefined();
  history.observe(period(2, ['c1', 'c2']));
  await history.flush();
  const expected = [0, 1, 2].map((place) => [place, place * 100]);
  expect(await valuesOf('c1')).toEqual(expected);
  expect((await valuesOf('c2'))?.length).toBe(3);
  const segments = await database?.pool.query(
    "select length(payload) as bytes from kpi_history where object_id = 'c1'",
  );
  // three segments of one period each: 12 bytes of head, 2 KPIs × 4 series × 4 bytes
  expect(segments?.rows[0].bytes).toBe(3 * (12 + 32));
});

test('a period released again, after a restart, replaces itself', async () => {
  history.observe(period(0, ['c1']));
  history.observe(period(1, ['c1']));
  await history.flush();
  history = new KpiHistory((database as TestDatabase).pool);
  history.observe(period(1, ['c1'], { values: Float32Array.of(7, 8) }));
  await history.flush();
  expect(await valuesOf('c1')).toEqual([
    [0, 0],
    [1, 7],
  ]);
});

test('shards that release the same feed side by side share nothing', async () => {
  for (let place = 0; place < 6; place++) {
    history.observe(period(place, ['c1']), 'telemetry/0');
    history.observe(period(place, ['c2']), 'telemetry/1');
  }
  expect(history.fullBuffers).toBe(2);
  await history.flush();
  expect((await valuesOf('c1'))?.length).toBe(6);
  expect((await valuesOf('c2'))?.length).toBe(6);
  const rows = await database?.pool.query('select length(payload) as bytes from kpi_history');
  // two segments each: four periods and two
  expect(rows?.rows.map(({ bytes }) => bytes)).toEqual([2 * 12 + 6 * 32, 2 * 12 + 6 * 32]);
});

test('loses no hour of a long backlog, and writes it as it grows when asked to', async () => {
  // 32 bytes a period, 4 periods an hour
  const small = new KpiHistory((database as TestDatabase).pool, 1000);
  const atOnce = 200;
  for (let place = 0; place < atOnce; place++) small.observe(period(place, ['c1']));
  expect(small.fullBuffers).toBe(atOnce / 4 - 1);
  await small.relieve();
  expect(small.fullBuffers).toBe(0);
  for (let place = atOnce; place < 400; place++) {
    small.observe(period(place, ['c1']));
    await small.relieve();
    expect(small.fullBuffers).toBeLessThanOrEqual(1000 / 128);
  }
  await small.flush();
  expect((await valuesOf('c1'))?.length).toBe(400);
});

test('writes all of one shard, and forgets one that begins again at its checkpoint', async () => {
  for (let place = 0; place < 6; place++) {
    history.observe(period(place, ['c1']), 'telemetry/0');
    history.observe(period(place, ['c2']), 'telemetry/1');
  }
  await history.flushShard('telemetry/0');
  expect((await valuesOf('c1'))?.length).toBe(6);
  history.observe(period(6, ['c1']), 'telemetry/0');
  history.observe(period(6, ['c2']), 'telemetry/1');
  history.forget('telemetry/0');
  await history.flush();
  expect((await valuesOf('c1'))?.length).toBe(6);
  expect((await valuesOf('c2'))?.length).toBe(7);
});

test('absence stays absence, and an object that never reported has no row', async () => {
  const values = Float32Array.of(NOTHING, 5, NOTHING, NOTHING);
  const none = new Float32Array(4).fill(NOTHING);
  history.observe(period(0, ['c1', 'c2'], { values, expected: none, lo: none, hi: none }));
  await history.flush();
  expect(await valuesOf('c1')).toEqual([[0, null]]);
  expect(await valuesOf('c1', 'b')).toEqual([[0, 5]]);
  expect(await history.read(all('c2'))).toEqual([]);
});

test('a feed whose KPIs change keeps what it had', async () => {
  history.observe(period(0, ['c1']));
  const other = { ...lane, kpis: [{ name: 'b', definition }] };
  history.observe(period(1, ['c1'], { lane: other, values: Float32Array.of(9) }));
  await history.flush();
  expect(await valuesOf('c1', 'a')).toEqual([[0, 0]]);
  expect(await valuesOf('c1', 'b')).toEqual([
    [0, 1],
    [1, 9],
  ]);
});

test('keeps what could not be written, and forgets days past retention', async () => {
  history.observe(period(0, ['c1']));
  await database?.pool.query('alter table kpi_history rename to away');
  await expect(history.flush()).rejects.toThrow('kpi_history');
  await database?.pool.query('alter table away rename to kpi_history');
  history.observe(period(96, ['c1']));
  await history.flush();
  expect((await valuesOf('c1'))?.length).toBe(2);
  expect(await history.prune(DAY_MS + 86_400_000)).toBe(1);
  expect(await valuesOf('c1')).toEqual([[96, 9600]]);
});
