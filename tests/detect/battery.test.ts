import { describe, expect, it } from 'vitest';
import { KINDS, type KindOfKpi, KPI_NAME } from './kinds.js';
import {
  anomalies,
  DAY_MS,
  HOUR_MS,
  laneOf,
  type PeriodReports,
  randomOf,
  runPeriods,
  START_MS,
} from './world.js';

const CELLS = 12;
const HOURS_PER_DAY = 24;

interface Loss {
  readonly fromHour: number;
  readonly hours: number;
  readonly share: number;
}

/** Four weeks of a dozen cells, one of which loses service for a while. */
function month(kind: KindOfKpi, seed: number, days: number, loss?: Loss) {
  const random = randomOf(seed);
  const lane = laneOf({ [KPI_NAME]: kind.definition });
  const events = runPeriods(lane, days * HOURS_PER_DAY, (hour, startMs): PeriodReports => {
    const reports: PeriodReports = {};
    for (let cell = 0; cell < CELLS; cell++) {
      const ordinary = kind.ordinary(startMs, random, 0.6 + cell / CELLS);
      const isLost =
        loss !== undefined &&
        cell === 3 &&
        hour >= loss.fromHour &&
        hour < loss.fromHour + loss.hours;
      const value = isLost ? kind.lose(ordinary, loss.share) : ordinary;
      reports[`cell-${cell}`] = { [KPI_NAME]: value };
    }
    return reports;
  });
  return events;
}

const hourMs = (hour: number): number => START_MS + hour * HOUR_MS;
/** Wednesday of the fourth week, 14 o'clock: seasons are known. */
const NOON = 23 * HOURS_PER_DAY + 14;

describe.each(KINDS)('$name', (kind) => {
  it('raises nothing over four ordinary weeks', () => {
    expect(anomalies(month(kind, 1, 28), 'raised')).toEqual([]);
  });

  it('gives no verdict in its warm-up, however deep the loss', () => {
    const events = month(kind, 2, 5, { fromHour: 90, hours: 10, share: 0.9 });
    expect(anomalies(events)).toEqual([]);
  });

  it('calls a deep loss within its first period or two, for its cell alone', () => {
    const events = month(kind, 3, 25, { fromHour: NOON, hours: 6, share: 0.9 });
    const [first, ...others] = anomalies(events, 'raised');
    expect(first).toMatchObject({ objectId: 'cell-3', kpi: KPI_NAME });
    expect(first?.detectedAtMs).toBeLessThanOrEqual(hourMs(NOON + 2));
    expect(first?.startedAtMs).toBeGreaterThanOrEqual(hourMs(NOON - 2));
    expect(others).toEqual([]);
  });

  it('clears once the KPI is back in its band, ended with the last bad period', () => {
    const events = month(kind, 3, 25, { fromHour: NOON, hours: 6, share: 0.9 });
    const [raised] = anomalies(events, 'raised');
    const [cleared] = anomalies(events, 'cleared');
    expect(cleared?.id).toBe(raised?.id);
    expect(cleared?.endedAtMs).toBe(hourMs(NOON + 6));
    expect(cleared?.reason).toContain('back within its band');
  });

  it('does not learn the loss: the next day is as expected as before', () => {
    const events = month(kind, 4, 28, { fromHour: NOON, hours: 20, share: 0.9 });
    expect(
      anomalies(events, 'raised').filter(({ startedAtMs }) => startedAtMs > hourMs(NOON + 20)),
    ).toEqual([]);
  });

  it('says why: observed, expected, band, improbability, since when', () => {
    const [first] = anomalies(
      month(kind, 3, 25, { fromHour: NOON, hours: 6, share: 0.9 }),
      'raised',
    );
    expect(first?.observed).toBeTypeOf('number');
    expect(first?.band?.lo).toBeLessThanOrEqual(first?.expected ?? Number.NaN);
    expect(first?.band?.hi).toBeGreaterThanOrEqual(first?.expected ?? Number.NaN);
    expect(first?.score).toBeGreaterThan(0.99);
    expect(first?.score).toBeLessThan(1);
    expect(first?.degree).toBeGreaterThan(0.3);
    expect(first?.reason).toMatch(/expected \(band .* by chance: .*; since 2026-01-28T1/);
  });
});

const LASTING = KINDS.filter(({ definition }) => definition.role === undefined);

describe.each(LASTING)('$name', (kind) => {
  it('accepts a lasting new level after the set time, and says so', () => {
    const events = month(kind, 5, 32, { fromHour: NOON, hours: 9 * HOURS_PER_DAY, share: 0.5 });
    const accepted = anomalies(events, 'cleared').filter(({ reason }) => /new normal/.test(reason));
    expect(accepted).toHaveLength(1);
    const [raised] = anomalies(events, 'raised');
    expect((accepted[0]?.endedAtMs ?? 0) - (raised?.detectedAtMs ?? 0)).toBeGreaterThan(2 * DAY_MS);
  });
});
