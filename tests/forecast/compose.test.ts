import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalForecast } from '../../src/domain/interval-forecast.js';
import { composeForecast } from '../../src/forecast/compose.js';
import { basisOf, loadOf, NOW_MS } from './basis.js';
import { forecastRules as rules } from './shipped-rules.js';

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

function isSound(each: IntervalForecast): boolean {
  const values = Object.values(each.quantiles);
  const isInOrder = values.every((value, k) => value >= (values[k - 1] ?? 0));
  const parts = each.incidents.reduce((sum, { calls }) => sum + calls, 0);
  const addsUp = Math.abs(parts - each.surge) <= 1e-6 * (1 + each.surge);
  return isInOrder && addsUp && numbersIn(each).every(Number.isFinite);
}

const anyLoad = fc.record({
  people: fc.double({ min: 0, max: 2e6, noNaN: true }),
  minutesAgo: fc.integer({ min: 0, max: 3000 }),
  endedAgo: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
  segment: fc.constantFrom('consumer', 'business', '__proto__', ''),
  degree: fc.double({ min: 0, max: 1, noNaN: true }),
});
const anyLoads = fc.array(anyLoad, { maxLength: 4 }).map((all) =>
  all.map((each, i) =>
    loadOf(each.people, {
      incidentId: `inc-${i}`,
      startedAtMs: NOW_MS - each.minutesAgo * 60_000,
      endedAtMs: each.endedAgo === null ? null : NOW_MS - each.endedAgo * 60_000,
      people: [{ ...each, language: 'fr' }],
    }),
  ),
);
const routed = {
  ...rules,
  surge: { ...rules.surge, routes: [{ segment: ['business'], queue: 'business' }] },
};

describe('a composed forecast', () => {
  it('has bands in order, parts that add up and no number that is none, whatever the incidents', () => {
    const property = fc.property(anyLoads, fc.constantFrom(null, 0, 7.5, 300), (loads, roster) => {
      const intervals = composeForecast(basisOf(loads, roster), routed);
      expect(intervals.filter((each) => !isSound(each))).toEqual([]);
      expect(intervals.every((each) => (each.roster === null) === (roster === null))).toBe(true);
    });
    fc.assert(property, { numRuns: 25 });
  });

  it('gives every call of an incident to exactly one queue', () => {
    const loads = [loadOf(30_000)];
    const one = basisOf(loads);
    const alone = { ...one, queues: one.queues.slice(1) };
    const sum = (intervals: ReturnType<typeof composeForecast>) =>
      intervals.reduce((total, { surge }) => total + surge, 0);
    expect(sum(composeForecast(one, rules))).toBeCloseTo(sum(composeForecast(alone, rules)), 1);
  });

  it('follows routes, and sends calls of a closed queue elsewhere', () => {
    const people = [{ segment: 'business', language: 'fr', people: 10_000, degree: 1 }];
    const open = basisOf([loadOf(10_000, { people })]);
    const surge = (basis: typeof open, queue: string) =>
      composeForecast(basis, routed).find((each) => each.queue === queue)?.surge ?? 0;
    expect(surge(open, 'technical')).toBe(0);
    expect(surge(open, 'business')).toBeGreaterThan(50);
    const queues = open.queues.map((queue) =>
      queue.queue === 'business' ? { ...queue, isOpen: queue.isOpen.map(() => false) } : queue,
    );
    expect(surge({ ...open, queues }, 'business')).toBe(0);
    expect(surge({ ...open, queues }, 'technical')).toBeCloseTo(surge(open, 'business'), 6);
  });

  it('has people who give up call again, and no fewer agents for it', () => {
    const few = composeForecast(basisOf([loadOf(40_000)], 20), rules);
    const many = composeForecast(basisOf([loadOf(40_000)], 900), rules);
    expect(few[3]?.redials).toBeGreaterThan(1);
    expect(many[3]?.redials).toBeLessThan(0.1);
    expect(few[3]?.roster?.gapAgents).toBeGreaterThan(0);
    expect(many[3]?.roster?.gapAgents).toBeLessThan(0);
    expect(few[3]?.agents).toBeGreaterThanOrEqual(many[3]?.agents ?? 1e9);
  });

  it('needs no fewer agents the more people are hit', () => {
    const agents = [0, 1000, 10_000, 100_000].map(
      (people) => composeForecast(basisOf([loadOf(people)]), rules)[2]?.agents ?? 0,
    );
    expect(agents).toEqual([...agents].sort((a, b) => a - b));
    expect(agents[3]).toBeGreaterThan(agents[0] ?? 0);
  });
});
