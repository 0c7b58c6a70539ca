import { describe, expect, it } from 'vitest';
import { LocalTime } from '../../../src/forecast/local-time.js';
import { CallClock } from '../../../src/forecast/surge/call-clock.js';
import { HABITS, PACES } from '../../../src/forecast/surge/call-habits.js';
import { IncidentCurve } from '../../../src/forecast/surge/incident-curve.js';
import { Stretches } from '../../../src/forecast/surge/stretches.js';
import {
  believe,
  evidenceOf,
  expectedOf,
  type Judgement,
  type SeenCalls,
} from '../../../src/forecast/surge/surge-belief.js';
import {
  priorFrom,
  type SurgeLesson,
  type SurgePrior,
} from '../../../src/forecast/surge/surge-prior.js';
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
const places = new Stretches(quarters, clock, rules, LASTING).byPace(curve);
/** 3.6 times as many call as by the rules, most of them later. */
const TRUE_SHARES = [0.1, 0.2, 0.4, 0.7, 1.4, 0.8];

function truth(quarter: number): number {
  return places.reduce((sum, { before }, k) => {
    return sum + (TRUE_SHARES[k] ?? 0) * (before[quarter] ?? 0);
  }, 0);
}

/** What the first `count` quarter hours bring. */
function seen(count: number, others = 40): SeenCalls[] {
  return quarters.slice(0, count).map((quarter, k) => ({
    ...quarter,
    calls: others + truth(k),
    others,
    othersVariance: 1.5 * others,
    share: 1,
  }));
}

function judgement(calls: readonly SeenCalls[], prior = priorFrom([], rules, 'none')): Judgement {
  const own = new Stretches(calls, clock, rules, LASTING).byPace(curve);
  return { prior, seen: calls, calls: own, fadesFromMs: null };
}

const beliefAfter = (count: number) => believe(judgement(seen(count)));
const sumOf = (calls: Float64Array): number => calls.reduce((sum, each) => sum + each, 0);
const total = (belief: ReturnType<typeof beliefAfter>): number => sumOf(expectedOf(belief, places));
const trueTotal = sumOf(Float64Array.from(quarters, (_, k) => truth(k)));
/** Variance of a pace's logarithm. */
const variance = (of: Pick<SurgePrior, 'covariance'>, pace: number): number =>
  of.covariance[pace * HABITS + pace] ?? Number.NaN;

describe('what is believed of an incident', () => {
  it('is the prior before any calls, and comes to the truth with them', () => {
    const errors = [0, 1, 2, 4, 8].map((count) =>
      Math.abs(total(beliefAfter(count)) / trueTotal - 1),
    );
    expect(beliefAfter(0).mean).toEqual(priorFrom([], rules, 'none').mean);
    expect(errors[0]).toBeGreaterThan(0.2);
    expect(errors[4]).toBeLessThan(0.15);
    expect(errors[4]).toBeLessThan(errors[0] ?? 0);
  });

  it('is surer of every pace once calls were seen', () => {
    const [none, some, many] = [0, 2, 8].map(beliefAfter);
    if (!none || !some || !many) throw new RangeError('three beliefs');
    for (let pace = 0; pace < PACES.length; pace++) {
      expect(variance(some, pace)).toBeLessThan(variance(none, pace));
      expect(variance(many, pace)).toBeLessThan(variance(none, pace));
    }
  });

  it('takes no calls for few callers, not for none', () => {
    const silent = seen(4).map((each) => ({ ...each, calls: each.others }));
    const belief = believe(judgement(silent));
    const first = sumOf(expectedOf(belief, places).slice(0, 4));
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(0.2 * truth(0));
  });

  it('expects of few callers no more on average than came', () => {
    const few = seen(8, 2).map((each, k) => ({ ...each, calls: 2 + 0.02 * truth(k) }));
    const first = sumOf(expectedOf(believe(judgement(few)), places).slice(0, 8));
    const came = few.reduce((sum, { calls, others }) => sum + calls - others, 0);
    expect(first / came).toBeLessThan(1.065);
    expect(first / came).toBeGreaterThan(0.9);
  });

  it('stays a number when a thousand times as many call', () => {
    const mad = seen(3).map((each) => ({ ...each, calls: each.calls * 1000 }));
    const sum = total(believe(judgement(mad)));
    expect(Number.isFinite(sum)).toBe(true);
    expect(sum).toBeGreaterThan(100 * trueTotal);
  });

  it('says as evidence just what moved it away from the prior', () => {
    const prior = priorFrom([], rules, 'none');
    const of = judgement(seen(8), prior);
    const belief = believe(of);
    const { information, pull } = evidenceOf(belief, of);
    const again = priorFrom([{ ...lesson(1, 0), habits: { information, pull } }], rules, 'none');
    const moved = (pace: number): number => (again.mean[pace] ?? 0) - (prior.mean[pace] ?? 0);
    const wanted = (pace: number): number => (belief.mean[pace] ?? 0) - (prior.mean[pace] ?? 0);
    expect(Math.sign(moved(4))).toBe(Math.sign(wanted(4)));
    expect(Math.abs(moved(4))).toBeLessThan(Math.abs(wanted(4)));
  });
});

/** An incident of which every pace had so many callers, as a logarithm against the rules. */
function lesson(i: number, logLevel: number, error = 0.01): SurgeLesson {
  const information = new Array<number>(HABITS * HABITS).fill(0);
  const habits = priorFrom([], rules, 'none').mean;
  for (let k = 0; k < PACES.length; k++) information[k * HABITS + k] = 1 / error;
  const pull = habits.map((each, k) => (k < PACES.length ? (each + logLevel) / error : 0));
  return {
    incidentId: `past-${i}`,
    endedAtMs: NOW_MS - i * 86_400_000,
    service: 'none',
    habits: { information, pull },
    roughness: 0.01,
    explained: [],
  };
}

describe('what past incidents teach', () => {
  const before = priorFrom([], rules, 'none');
  const moved = (after: SurgePrior): number => (after.mean[2] ?? 0) - (before.mean[2] ?? 0);

  it('moves the prior towards them and narrows it when they agree', () => {
    const alike = Array.from({ length: 20 }, (_, i) => lesson(i, 0.6 + 0.02 * (i % 3)));
    const after = priorFrom(alike, rules, 'none');
    expect(moved(after)).toBeGreaterThan(0.45);
    expect(variance(after, 2)).toBeLessThan(0.5 * variance(before, 2));
  });

  it('keeps it wide when they differ', () => {
    const unlike = Array.from({ length: 20 }, (_, i) => lesson(i, i % 2 === 0 ? -0.8 : 0.8));
    expect(Math.sqrt(variance(priorFrom(unlike, rules, 'none'), 2))).toBeGreaterThan(0.6);
  });

  it('counts little what was badly measured', () => {
    const vague = Array.from({ length: 20 }, (_, i) => lesson(i, 2, 25));
    const sharp = vague.map((_, i) => lesson(i, 2));
    const [little, much] = [vague, sharp].map((all) => moved(priorFrom(all, rules, 'none')));
    expect(little).toBeLessThan(0.6 * (much ?? 0));
  });

  it('learns nothing of habits from one that says only which calls it explains', () => {
    const { habits: _, ...silent } = lesson(1, 2);
    expect(priorFrom([silent], rules, 'none')).toEqual(before);
  });
});
