import { describe, expect, it } from 'vitest';
import { LocalTime } from '../../../src/forecast/local-time.js';
import { CallClock } from '../../../src/forecast/surge/call-clock.js';
import { IncidentCurve } from '../../../src/forecast/surge/incident-curve.js';
import { Stretches } from '../../../src/forecast/surge/stretches.js';
import { believe, type SeenCalls } from '../../../src/forecast/surge/surge-belief.js';
import { priorFrom, type SurgeLesson } from '../../../src/forecast/surge/surge-prior.js';
import { loadOf, NOW_MS } from '../basis.js';
import { forecastRules } from '../shipped-rules.js';

const rules = forecastRules.surge;
const load = loadOf(20_000, { startedAtMs: NOW_MS });
const LASTING = { atMs: Number.POSITIVE_INFINITY, weight: 1 };
const clock = new CallClock(rules.hours, new LocalTime('Europe/Paris'), NOW_MS, NOW_MS + 4e7);
const curve = new IncidentCurve(load, rules, clock);
const quarters = Array.from({ length: 12 }, (_, k) => ({
  fromMs: NOW_MS + k * 900_000,
  toMs: NOW_MS + (k + 1) * 900_000,
}));
const places = new Stretches(quarters, clock, rules, LASTING);
const TRUE_FORM = { meanMinutes: 60, shape: 1.5 };
const TRUE_LEVEL = 1.8;

/** What the first `count` quarter hours bring if 1.8 times as many call, later than the rules say. */
function seen(count: number, others = 40): SeenCalls[] {
  const due = places.calls(curve, TRUE_FORM);
  return quarters.slice(0, count).map((quarter, k) => ({
    ...quarter,
    calls: others + TRUE_LEVEL * (due[k] ?? 0),
    others,
    othersVariance: 1.5 * others,
    share: 1,
  }));
}

function beliefAfter(count: number, lessons: readonly SurgeLesson[] = []) {
  const calls = seen(count);
  const own = new Stretches(calls, clock, rules, LASTING);
  return believe({
    prior: priorFrom(lessons, rules, 'none'),
    rules,
    seen: calls,
    calls: (form) => own.calls(curve, form),
    fadesFromMs: null,
  });
}

/** Calls believed to come in all. */
function total(belief: ReturnType<typeof beliefAfter>): number {
  return belief.forms.reduce((sum, { form, weight, level }) => {
    const calls = places.calls(curve, form);
    return sum + weight * level * calls.reduce((all, each) => all + each, 0);
  }, 0);
}

const trueTotal = TRUE_LEVEL * places.calls(curve, TRUE_FORM).reduce((sum, each) => sum + each, 0);

describe('what is believed of an incident', () => {
  it('is the prior before any calls, and comes to the truth with them', () => {
    const errors = [0, 1, 2, 4, 8].map((count) =>
      Math.abs(total(beliefAfter(count)) / trueTotal - 1),
    );
    expect(errors[0]).toBeGreaterThan(0.2);
    expect(errors[3]).toBeLessThan(0.15);
    expect(errors[4]).toBeLessThan(0.05);
  });

  it('is surer the more calls were seen', () => {
    const spreads = [0, 1, 2, 4, 8].map((count) => beliefAfter(count).logLevel.variance);
    expect(spreads).toEqual([...spreads].sort((a, b) => b - a));
  });

  it('takes no calls for few callers, not for none', () => {
    const silent = seen(4).map((each) => ({ ...each, calls: each.others }));
    const own = new Stretches(silent, clock, rules, LASTING);
    const belief = believe({
      prior: priorFrom([], rules, 'none'),
      rules,
      seen: silent,
      calls: (form) => own.calls(curve, form),
      fadesFromMs: null,
    });
    expect(total(belief)).toBeLessThan(0.2 * trueTotal);
    expect(belief.forms.every(({ level }) => level > 0 && Number.isFinite(level))).toBe(true);
  });

  it('stays a number when a thousand times as many call', () => {
    const mad = seen(3).map((each) => ({ ...each, calls: each.calls * 1000 }));
    const own = new Stretches(mad, clock, rules, LASTING);
    const belief = believe({
      prior: priorFrom([], rules, 'none'),
      rules,
      seen: mad,
      calls: (form) => own.calls(curve, form),
      fadesFromMs: null,
    });
    expect(Number.isFinite(total(belief))).toBe(true);
  });
});

const lesson = (i: number, logLevel: number, variance = 0.01): SurgeLesson => ({
  incidentId: `past-${i}`,
  endedAtMs: NOW_MS - i * 86_400_000,
  service: 'none',
  logLevel: { mean: logLevel, variance },
  logDelay: { mean: 0.2, variance: 0.01 },
  shapes: [0, 1, 0, 0],
  roughness: 0.01,
  explained: [],
});

describe('what past incidents teach', () => {
  it('moves the prior towards them and narrows it when they agree', () => {
    const alike = Array.from({ length: 20 }, (_, i) => lesson(i, 0.6 + 0.02 * (i % 3)));
    const [before, after] = [priorFrom([], rules, 'none'), priorFrom(alike, rules, 'none')];
    expect(before.logLevel.mean).toBe(0);
    expect(after.logLevel.mean).toBeGreaterThan(0.45);
    expect(after.logLevel.variance).toBeLessThan(0.5 * before.logLevel.variance);
    expect(after.shapes[1]).toBeGreaterThan(before.shapes[1] ?? 1);
  });

  it('keeps it wide when they differ', () => {
    const unlike = Array.from({ length: 20 }, (_, i) => lesson(i, i % 2 === 0 ? -0.8 : 0.8));
    expect(Math.sqrt(priorFrom(unlike, rules, 'none').logLevel.variance)).toBeGreaterThan(0.6);
  });

  it('counts little what was badly measured', () => {
    const vague = Array.from({ length: 20 }, (_, i) => lesson(i, 2, 25));
    expect(priorFrom(vague, rules, 'none').logLevel.mean).toBeLessThan(0.5);
  });
});
