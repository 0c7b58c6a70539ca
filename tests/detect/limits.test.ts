import { describe, expect, it } from 'vitest';
import { anomalies, HOUR_MS, laneOf, rulesWith, runPeriods, START_MS } from './world.js';

const LANE = laneOf({ kpi: { kind: 'gauge', unit: 'ratio', range: [0, 1], bad: 'low' } });

const run = (
  values: readonly number[],
  limit: { below?: number; above?: number; periods: number },
) =>
  runPeriods(LANE, values.length, (hour) => ({ a: { kpi: values[hour] ?? 1 } }), {
    rules: rulesWith({ limits: [{ kpi: 'kpi', ...limit }] }),
  });

describe('a hard limit', () => {
  it('holds from the first report on, after the set number of periods in a row', () => {
    const events = run([1, 0.4, 1, 0.4, 0.3, 0.2, 1], { below: 0.5, periods: 2 });
    const [raised, ...more] = anomalies(events, 'raised');
    expect(more).toEqual([]);
    expect(raised).toMatchObject({
      kind: 'limit',
      observed: 0.3,
      startedAtMs: START_MS + 3 * HOUR_MS,
      detectedAtMs: START_MS + 5 * HOUR_MS,
      degree: 0.4,
    });
    expect(raised?.reason).toContain('the rules want at least 0.5');
    expect(anomalies(events, 'cleared')[0]).toMatchObject({
      id: raised?.id,
      endedAtMs: START_MS + 6 * HOUR_MS,
    });
  });

  it('can be an upper one', () => {
    const [raised] = anomalies(run([0.1, 0.95], { above: 0.9, periods: 1 }), 'raised');
    expect(raised?.reason).toContain('at most 0.9');
  });
});
