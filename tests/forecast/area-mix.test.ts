import { describe, expect, it } from 'vitest';
import { areaMix, type MixFrame } from '../../src/forecast/area-mix.js';
import type { Arrivals } from '../../src/forecast/queue-calls.js';

const QUARTER = 900_000;
const T0 = Date.parse('2026-03-10T08:00:00Z');

const arrivals = (at: number, areas: Record<string, number>): Arrivals => ({
  startMs: T0 + at * QUARTER,
  intervalSeconds: 900,
  areas: new Map(Object.entries(areas)),
  abandoned: undefined,
});
const frame: MixFrame = {
  untilMs: T0 + 8 * QUARTER,
  plainUntilMs: Number.POSITIVE_INFINITY,
  explained: () => 0,
};
const mixOf = (of: readonly Arrivals[], change: Partial<MixFrame> = {}) =>
  Object.fromEntries(areaMix(of, { ...frame, ...change }));
const usual = { north: 10, south: 30 };
const hit = { north: 900, south: 30 };

describe('ordinary calls by area', () => {
  it('leave out intervals in which a past incident brought calls', () => {
    const explained = (startMs: number): number => (startMs === T0 + QUARTER ? 890 : 0);
    const all = [arrivals(0, usual), arrivals(1, hit), arrivals(2, usual)];
    expect(mixOf(all, { explained })).toEqual({ north: 20, south: 60 });
  });

  it('end where an incident that runs began', () => {
    const all = [arrivals(0, usual), arrivals(1, hit)];
    expect(mixOf(all, { plainUntilMs: T0 + QUARTER })).toEqual(usual);
  });

  it('begin with the first call that carries an area', () => {
    const all = [arrivals(0, { '': 400 }), arrivals(1, usual), arrivals(2, { '': 2 })];
    expect(mixOf(all)).toEqual({ ...usual, '': 2 });
  });

  it('are those of all intervals where none is without an incident', () => {
    expect(mixOf([arrivals(0, hit), arrivals(9, usual)], { plainUntilMs: 0 })).toEqual(hit);
    expect(mixOf([arrivals(9, usual)])).toEqual(usual);
    expect(mixOf([])).toEqual({});
  });
});
