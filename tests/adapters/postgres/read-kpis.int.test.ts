import { afterAll, beforeAll, expect, it } from 'vitest';
import { KpiHistory } from '../../../src/adapters/postgres/kpi-history.js';
import { postgresKpiReads } from '../../../src/adapters/postgres/read-kpis.js';
import type { KpiDefinition } from '../../../src/domain/kpi.js';
import type { LaneSpec } from '../../../src/domain/lane.js';
import { NOW_MS, seedWorld } from '../../api/world.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const PERIOD_MS = 900_000;
const ratio: KpiDefinition = { kind: 'ratio', unit: 'ratio', bad: 'low' };
const count: KpiDefinition = { kind: 'count', unit: 'users', bad: 'low' };
const lane: LaneSpec = {
  feed: 'pm',
  collector: 'pm',
  objectType: 'cell',
  periodSeconds: PERIOD_MS / 1000,
  latenessSeconds: 300,
  zone: 'Europe/Paris',
  holidays: [],
  kpis: [
    { name: 'setupRatio', definition: ratio },
    { name: 'users', definition: count },
  ],
};

let db: TestDatabase;
let history: KpiHistory;
beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  history = new KpiHistory(db.pool);
});
afterAll(async () => {
  await db?.close();
});

function reads() {
  return postgresKpiReads(
    db.pool,
    history,
    (_, kpi) => lane.kpis.find(({ name }) => name === kpi)?.definition,
  );
}

it('gives the series of the worst cells with their band, newest periods included', async () => {
  const firstMs = NOW_MS - (NOW_MS % PERIOD_MS) - 9 * PERIOD_MS;
  for (let i = 0; i < 9; i++) {
    if (i === 4) continue; // a period that nobody reported
    history.observe({
      lane,
      periodStartMs: firstMs + i * PERIOD_MS,
      objectIds: ['S1-1', 'S9-9'],
      values: Float32Array.of(i < 8 ? 0.5 : Number.NaN, 100 + i, 1, 1),
      expected: Float32Array.of(0.75, 110, 1, 1),
      lo: Float32Array.of(0.5, 90, 1, 1),
      hi: Float32Array.of(1, 130, 1, 1),
    });
  }
  const options = { cells: 2, hoursBefore: 12, nowMs: NOW_MS };
  const series = await reads().ofIncident('inc_fibre', options);
  expect(series).toEqual([
    {
      cellId: 'S1-1',
      siteName: 'Quimper Centre',
      feed: 'pm',
      kpi: 'setupRatio',
      unit: '%',
      periodSeconds: 900,
      from: new Date(firstMs).toISOString(),
      values: [50, 50, 50, 50, null, 50, 50, 50, null],
      expected: [75, 75, 75, 75, null, 75, 75, 75, 75],
      lo: [50, 50, 50, 50, null, 50, 50, 50, 50],
      hi: [100, 100, 100, 100, null, 100, 100, 100, 100],
    },
    expect.objectContaining({
      kpi: 'users',
      unit: 'users',
      values: [100, 101, 102, 103, null, 105, 106, 107, 108],
    }),
  ]);
});

it('has nothing to show for an incident without cells, and knows one that does not exist', async () => {
  const options = { cells: 2, hoursBefore: 12, nowMs: NOW_MS };
  expect(await reads().ofIncident('inc_old', options)).toEqual([]);
  expect(await reads().ofIncident('none', options)).toBeUndefined();
});
