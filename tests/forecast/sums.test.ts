import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallInterval } from '../../src/domain/facts.js';
import { composeForecast } from '../../src/forecast/compose.js';
import { Forecaster } from '../../src/forecast/forecaster.js';
import type { ForecastRules } from '../../src/forecast/rules.js';
import { agentsFor } from '../../src/forecast/staffing/agents-for.js';
import { whatIf } from '../../src/forecast/what-if.js';
import { answerWhatIf } from '../../src/service/what-if-answer.js';
import { basisOf, loadOf, NOW_MS } from './basis.js';
import { forecastRules as rules } from './shipped-rules.js';

const HOUR = 3_600_000;
const hourly: ForecastRules = { ...rules, intervalSeconds: 3600, horizonHours: 12 };
const people = fc.double({ min: 0, max: 200_000, noNaN: true });

describe('sums over queues', () => {
  it('are what a comparison says in all, and curves of the queues add up to that of all', () => {
    const property = fc.property(people, fc.constantFrom(null, 30), (affected, roster) => {
      const basis = basisOf([loadOf(affected)], roster);
      const intervals = composeForecast(basis, rules);
      const [asIs] = whatIf(basis, rules, []).outcomes;
      const calls = intervals.reduce(
        (sum, each) => sum + each.ordinary + each.surge + each.redials,
        0,
      );
      // without a roster one is assumed, and redials follow from it
      if (roster !== null) expect(asIs?.totals.calls).toBeCloseTo(calls, 4);
      const text = JSON.stringify(basis);
      const curve = (queue?: string) =>
        answerWhatIf({
          basis: text,
          rules,
          asked: { hours: 3, scenarios: [], ...(queue === undefined ? {} : { queue }) },
        }).outcomes[0]?.curve ?? [];
      const parts = basis.queues.map(({ queue }) => curve(queue));
      for (const [k, point] of curve().entries()) {
        const sum = parts.reduce((total, each) => total + (each[k]?.calls ?? 0), 0);
        expect(sum).toBeCloseTo(point.calls, 6);
      }
    });
    fc.assert(property, { numRuns: 10 });
  });
});

describe('sums over areas', () => {
  const history = (split: (calls: number, n: number) => readonly (readonly [string, number])[]) =>
    Array.from({ length: 21 * 24 }, (_, n) => {
      const start = new Date(NOW_MS - (n + 1) * HOUR).toISOString();
      return split(30 + ((n * 7) % 24), n).map(
        ([area, offered]): CallInterval => ({
          queue: 'care',
          start,
          intervalSeconds: 3600,
          offered,
          ...(area === '' ? {} : { area }),
        }),
      );
    }).flat();
  const forecast = (calls: readonly CallInterval[]) => {
    const made = new Forecaster(hourly);
    made.observe(calls);
    return made.forecast(NOW_MS, []).intervals;
  };

  it('make the same forecast however calls are split over areas, in whatever order they come', () => {
    const whole = forecast(history((calls) => [['', calls]]));
    const shares = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 });
    const property = fc.property(shares, fc.boolean(), (weights, isTurned) => {
      const split = history((calls, n) => {
        const first = Math.min(calls, weights[n % weights.length] ?? 0);
        return [
          ['north', first],
          ['', calls - first],
        ];
      });
      expect(forecast(isTurned ? split.reverse() : split)).toEqual(whole);
    });
    fc.assert(property, { numRuns: 5 });
  });
});

describe('agents', () => {
  it('are no fewer the more call, the longer calls take, and the more is wanted', () => {
    const property = fc.property(
      fc.double({ min: 0.001, max: 2, noNaN: true }),
      fc.double({ min: 1, max: 1.5, noNaN: true }),
      fc.integer({ min: 30, max: 600 }),
      (callsPerSecond, more, ahtSeconds) => {
        const agents = (load: object = {}, target: object = {}) =>
          agentsFor(
            { callsPerSecond, ahtSeconds, patienceSeconds: 120, ...load },
            { ...rules.staffing, ...target },
          ).agents;
        const usual = agents();
        expect(agents({ callsPerSecond: more * callsPerSecond })).toBeGreaterThanOrEqual(usual);
        expect(agents({ ahtSeconds: more * ahtSeconds })).toBeGreaterThanOrEqual(usual);
        expect(agents({}, { serviceLevel: 0.9 })).toBeGreaterThanOrEqual(usual);
        expect(agents({}, { maxOccupancy: 0.7 })).toBeGreaterThanOrEqual(usual);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });
});
