import { describe, expect, it } from 'vitest';
import { anomalies, HOUR_MS, rulesWith, runPeriods, START_MS } from '../world.js';
import { LANE, type Newcomers, reportsOf } from './two-kinds.js';

const CELLS = 48;
const OLD = 40;
/** Thursday of the third week: the newcomers' first weekend comes on their third day */
const ARRIVAL = 17 * 24;
const NOON = ARRIVAL + 2 * 24 + 12;
const DAYS = 28;
const rules = rulesWith();
const shapeless = rulesWith({ shapes: { ...rules.shapes, leastObjects: 1000 } });

const run = (world: Partial<Newcomers>, with_ = rules) =>
  anomalies(
    runPeriods(
      LANE,
      DAYS * 24,
      reportsOf({ cells: CELLS, newFrom: OLD, atHour: ARRIVAL, ...world }),
      { rules: with_ },
    ),
    'raised',
  );

const loss = (cell: number, hour: number): number =>
  cell >= OLD && hour >= NOON && hour < NOON + 3 ? 0.95 : 0;

describe('a new cell', () => {
  it('is judged after two days where cells like it are known', () => {
    const raised = run({ lost: loss });
    const found = new Set(raised.map(({ objectId }) => objectId));
    expect(found.size).toBeGreaterThanOrEqual(0.75 * (CELLS - OLD));
    for (const { startedAtMs, detectedAtMs } of raised) {
      expect(startedAtMs).toBeGreaterThanOrEqual(START_MS + (NOON - 6) * HOUR_MS);
      expect(detectedAtMs).toBeLessThanOrEqual(START_MS + (NOON + 4) * HOUR_MS);
    }
  });

  it('waits for its full warm-up where there are no shapes', () => {
    expect(run({ lost: loss }, shapeless)).toEqual([]);
  });

  it('takes its first weekend, and all of its first ten days, for what cells like it do', () => {
    expect(run({})).toEqual([]);
  });

  it('that is like no other waits for its full warm-up', () => {
    const odd = (cell: number, hour: number): number =>
      cell === OLD && hour >= ARRIVAL && (hour % 24 < 5 || hour % 24 > 20) !== hour % 7 < 3
        ? 0.9
        : 0;
    const early = run({ lost: odd }).filter(
      ({ detectedAtMs }) => detectedAtMs < START_MS + (ARRIVAL + 6 * 24) * HOUR_MS,
    );
    expect(early).toEqual([]);
  });
});
