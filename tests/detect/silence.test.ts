import { describe, expect, it } from 'vitest';
import { dayShape } from './kinds.js';
import {
  anomalies,
  HOUR_MS,
  laneOf,
  type PeriodReports,
  randomOf,
  runPeriods,
  START_MS,
} from './world.js';

const LANE = laneOf({ kpi: { kind: 'gauge', unit: '', bad: 'low' } });
const CELLS = 20;

type Rule = (cell: number, hour: number) => boolean;

function run(hours: number, reports: Rule, lane = LANE) {
  return runPeriods(lane, hours, (hour) => {
    const all: PeriodReports = {};
    for (let cell = 0; cell < CELLS; cell++) {
      if (reports(cell, hour)) all[`cell-${String(cell).padStart(2, '0')}`] = { kpi: 1 };
    }
    return all;
  });
}

const at = (hour: number): number => START_MS + hour * HOUR_MS;

describe('silence', () => {
  it('is told of the first report that is missing, and ends with the next one that comes', () => {
    const events = run(120, (cell, hour) => cell !== 7 || hour < 100 || hour >= 104);
    const [raised, ...more] = anomalies(events, 'raised');
    expect(more).toEqual([]);
    expect(raised).toMatchObject({
      kind: 'silence',
      objectId: 'cell-07',
      kpi: '',
      degree: 1,
      startedAtMs: at(100),
      detectedAtMs: at(101),
      endedAtMs: null,
    });
    const [cleared] = anomalies(events, 'cleared');
    expect(cleared).toMatchObject({ id: raised?.id, endedAtMs: at(104) });
  });

  it('becomes surer with each report that stays away', () => {
    const events = run(120, (cell, hour) => cell !== 7 || hour < 100);
    const [raised] = anomalies(events, 'raised');
    const [updated] = anomalies(events, 'updated');
    expect(updated?.score).toBeGreaterThan(raised?.score ?? 1);
  });

  it('takes more than one report where single reports are often lost', () => {
    const random = randomOf(5);
    const lost = new Set<string>();
    const events = run(400, (cell, hour) => {
      const previous = lost.has(`${cell}:${hour - 1}`);
      if (hour > 30 && !previous && random() < 0.02) lost.add(`${cell}:${hour}`);
      return !lost.has(`${cell}:${hour}`);
    });
    const late = anomalies(events, 'raised').filter(({ startedAtMs }) => startedAtMs > at(200));
    expect(late).toEqual([]);
  });

  it('is not expected of a cell that is switched off every night', () => {
    const events = run(28 * 24, (cell, hour) => cell !== 3 || hour % 24 >= 6);
    expect(anomalies(events, 'raised').filter(({ startedAtMs }) => startedAtMs > at(48))).toEqual(
      [],
    );
  });

  it('says nothing of an object in its first day', () => {
    expect(anomalies(run(30, (cell, hour) => cell !== 0 || (hour > 10 && hour < 20)))).toEqual([]);
  });

  it('takes an object out of service after the set time, and lets it begin afresh', () => {
    const events = run(24 * 20, (cell, hour) => cell !== 7 || hour < 48 || hour > 24 * 18);
    const [cleared] = anomalies(events, 'cleared');
    expect(cleared?.reason).toContain('taken out of service');
    const observed = events.filter(
      (event) => event.type === 'observed' && event.objectId === 'cell-07',
    );
    expect(observed).toHaveLength(2);
  });
});

describe('traffic', () => {
  const USERS = laneOf({
    users: {
      kind: 'count',
      unit: 'users',
      range: [0, 1e5],
      bad: 'low',
      traffic: true,
      role: 'traffic',
    },
  });

  function traffic(days: number, users: (cell: number, hour: number, usual: number) => number) {
    const random = randomOf(9);
    return runPeriods(USERS, days * 24, (hour, startMs) => {
      const all: PeriodReports = {};
      for (let cell = 0; cell < CELLS; cell++) {
        const usual = 30 * dayShape(startMs) * (0.9 + 0.2 * random());
        const given = users(cell, hour, usual);
        if (Number.isNaN(given)) continue;
        all[`cell-${String(cell).padStart(2, '0')}`] = { users: given };
      }
      return all;
    });
  }

  const NOON = 16 * 24 + 13;

  it('that is always there and gone is zero traffic, found at once', () => {
    const events = traffic(18, (cell, hour, usual) =>
      cell === 4 && hour >= NOON && hour < NOON + 3 ? 0 : usual,
    );
    const [raised, ...more] = anomalies(events, 'raised');
    expect(more).toEqual([]);
    expect(raised).toMatchObject({
      kind: 'zeroTraffic',
      objectId: 'cell-04',
      observed: 0,
      degree: 1,
      detectedAtMs: at(NOON + 1),
    });
  });

  it('that is honestly zero every night is nothing', () => {
    const events = traffic(28, (cell, hour, usual) => (cell < 5 && hour % 24 < 6 ? 0 : usual));
    expect(anomalies(events, 'raised')).toEqual([]);
  });

  it('of a cell that is switched off now and then by day is nothing', () => {
    const random = randomOf(2);
    const events = traffic(28, (cell, _, usual) => (cell === 2 && random() < 0.25 ? 0 : usual));
    expect(anomalies(events, 'raised')).toEqual([]);
  });

  it('clearly above expectation is a surplus and no anomaly', () => {
    const events = traffic(
      18,
      (cell, hour, usual) => (cell === 4 && hour === NOON ? 2 : 1) * usual,
    );
    expect(anomalies(events)).toEqual([]);
    const surplus = events.filter((event) => event.type === 'surplus');
    expect(surplus).toEqual([
      {
        type: 'surplus',
        atMs: at(NOON + 1),
        untilMs: at(NOON + 2),
        objectId: 'cell-04',
        ratio: expect.closeTo(2, 0),
      },
    ]);
  });

  it('slightly above expectation is told only while another object has fallen silent', () => {
    const level = (cell: number, hour: number, usual: number) =>
      (cell === 4 && (hour === NOON || hour === NOON - 24) ? 1.6 : 1) * usual;
    const all = traffic(18, level);
    const lost = traffic(18, (cell, hour, usual) =>
      cell === 2 && hour === NOON ? Number.NaN : level(cell, hour, usual),
    );
    const risen = (events: typeof all) =>
      events.flatMap((event) => (event.type === 'rise' ? [event] : []));
    expect(risen(all)).toEqual([]);
    const told = risen(lost);
    expect(new Set(told.map(({ atMs }) => atMs))).toEqual(new Set([at(NOON + 1)]));
    expect(told.every(({ z }) => z >= 1)).toBe(true);
    expect(told.map(({ objectId }) => objectId)).toContain('cell-04');
  });
});
