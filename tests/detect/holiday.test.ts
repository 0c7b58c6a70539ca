import { describe, expect, it } from 'vitest';
import { createDetect } from '../../src/detect/detect.js';
import { StateReader } from '../../src/detect/state-codec.js';
import {
  blockOf,
  DAY_MS,
  HOUR_MS,
  laneOf,
  normalOf,
  randomOf,
  rulesWith,
  START_MS,
} from './world.js';

const CELLS = Array.from({ length: 12 }, (_, i) => `C${i}`);
const DAYS = 17;

/** How many deviations tails have counted by the end of each day. @param holidays local dates */
function countedByDay(holidays: readonly string[]): number[] {
  const lane = laneOf({ users: { kind: 'gauge', unit: '', bad: 'low' } }, { holidays });
  const detect = createDetect([lane], rulesWith());
  const random = randomOf(5);
  const counted: number[] = [];
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const startMs = START_MS + hour * HOUR_MS;
    const rows = CELLS.map((id) => ({
      id,
      startMs,
      report: { users: 100 + 5 * normalOf(random) },
    }));
    detect.ingest(blockOf(lane, rows));
    for (const _ of detect.advance(startMs + HOUR_MS + lane.latenessSeconds * 1000));
    if (hour % 24 < 23) continue;
    const [total] = new StateReader(detect.snapshot()).json<[number]>('test.pools.users.tail');
    counted.push(total);
  }
  return counted;
}

describe('a holiday', () => {
  it('with its wide bands says nothing of how much is usual', () => {
    const last = new Date(START_MS + (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
    const ordinary = countedByDay([]);
    const counted = countedByDay([last]);
    expect(ordinary.at(-1)).toBeGreaterThan(ordinary.at(-2) ?? 0);
    expect(counted.at(-2)).toBe(ordinary.at(-2));
    expect(counted.at(-1)).toBe(counted.at(-2));
  });
});
