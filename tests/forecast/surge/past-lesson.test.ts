import { describe, expect, it } from 'vitest';
import type { CallInterval } from '../../../src/domain/facts.js';
import type { PastIncident } from '../../../src/domain/past-incident.js';
import { Forecaster } from '../../../src/forecast/forecaster.js';
import { LocalTime } from '../../../src/forecast/local-time.js';
import { HABITS } from '../../../src/forecast/surge/call-habits.js';
import { extraCalls } from '../../../src/forecast/surge/extra-calls.js';
import { lessonOfPast } from '../../../src/forecast/surge/past-lesson.js';
import { priorFrom } from '../../../src/forecast/surge/surge-prior.js';
import { loadOf } from '../basis.js';
import { forecastRules } from '../shipped-rules.js';

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
const T0 = Date.parse('2026-03-10T10:00:00Z');
const local = new LocalTime('Europe/Paris');
const rules = forecastRules.surge;

const iso = (ms: number): string => new Date(ms).toISOString();
function past(id: string, change: Partial<PastIncident> = {}): PastIncident {
  const times = { startedAt: iso(T0), lastedUntil: iso(T0 + 2 * HOUR) };
  return { id, ...times, endedBy: iso(T0 + 2 * HOUR), affected: 10_000, ...change };
}
const lesson = (of: PastIncident, calls = of.calls ?? 0) =>
  lessonOfPast(of, { calls, variance: calls }, { rules, local, untilMs: T0 + 4 * HOUR });

describe('imported incidents', () => {
  it('teach how many call: twice as many calls move what is expected of the next one', () => {
    const priorOf = (calls: number) =>
      priorFrom(
        Array.from({ length: 12 }, (_, n) => {
          return lesson(past(`p${n}`), calls * (1 + 0.02 * (n % 3))) ?? [];
        }).flat(),
        rules,
        'none',
      );
    const [one, two] = [priorOf(800), priorOf(1600)];
    const before = priorFrom([], rules, 'none');
    for (const pace of [1, 2, 3]) {
      const moved = (two.mean[pace] ?? 0) - (one.mean[pace] ?? 0);
      expect(Math.exp(moved)).toBeGreaterThan(1.4);
      expect(Math.exp(moved)).toBeLessThan(2.1);
      const at = pace * (HABITS + 1);
      expect(two.covariance[at]).toBeLessThan(before.covariance[at] ?? 0);
    }
  });

  it.each([
    ['lasts', past('x', { endedBy: null, calls: 900 })],
    ['does not say how many were affected', { ...past('x', { calls: 900 }), affected: undefined }],
    ['had no more calls than chance', past('x', { calls: 1 })],
  ])('teach nothing where one %s', (_, of) => {
    expect(lesson(of as PastIncident)).toBeUndefined();
  });

  it('count for their own kind of loss: degraded service is expected to bring fewer', () => {
    const none = lesson(past('x'), 500);
    const degraded = lesson(past('x', { service: 'degraded' }), 500);
    expect(degraded?.service).toBe('degraded');
    const expected = (of: typeof none) => priorFrom(of ? [of] : [], rules, 'none').mean[2] ?? 0;
    const own = priorFrom(degraded ? [{ ...degraded, service: 'none' }] : [], rules, 'none');
    expect(own.mean[2]).toBeGreaterThan(expected(none) + 0.1);
  });
});

describe('calls beyond the usual', () => {
  const stretch = { fromMs: T0, toMs: T0 + 2 * HOUR, stepMs: HOUR };
  it('are those above the same hours of other weeks, whatever one odd week had', () => {
    const at = (ms: number): number => (ms >= T0 && ms < T0 + WEEK ? 340 : ms < T0 ? 100 : 104);
    const odd = (ms: number): number => (ms < T0 - 2 * WEEK ? 5000 : at(ms));
    expect(extraCalls(at, stretch)?.calls).toBeCloseTo(2 * 340 - 204, 0);
    expect(extraCalls(odd, stretch)?.calls).toBeGreaterThan(440);
  });

  it('are not known where too few weeks are', () => {
    expect(extraCalls((ms) => (ms > T0 - WEEK ? 100 : undefined), stretch)).toBeDefined();
    expect(extraCalls((ms) => (ms === T0 ? 100 : undefined), stretch)).toBeUndefined();
  });
});

describe('a forecaster with past incidents', () => {
  const hourly = { ...forecastRules, intervalSeconds: 3600 } as const;
  const incident = past('x', { affected: 20_000 });
  /** Ten weeks of 100 calls an hour; in the incident's hours and after so many more. */
  function history(extra: number): CallInterval[] {
    return Array.from({ length: 10 * 7 * 24 }, (_, n) => {
      const at = T0 - 5 * WEEK + n * HOUR;
      const isExtra = at >= T0 && at < T0 + 2 * HOUR;
      const offered = 100 + (n % 5) + (isExtra ? extra : 0);
      return { queue: 'care', start: iso(at), intervalSeconds: 3600, offered };
    });
  }
  function surge(extra: number): number {
    const nowMs = T0 + 5 * WEEK - HOUR;
    const forecaster = new Forecaster(hourly);
    forecaster.observe(history(extra));
    forecaster.learnPast([incident]);
    const load = loadOf(20_000, { startedAtMs: nowMs });
    return forecaster.forecast(nowMs, [load]).intervals.reduce((sum, each) => sum + each.surge, 0);
  }

  it('derives from its own history how many called, where the import does not say', () => {
    expect(surge(1500)).toBeGreaterThan(1.3 * surge(150));
  });
});
