import { describe, expect, it } from 'vitest';
import type { DayMatrix } from '../../../src/forecast/day-matrix.js';
import { OrdinaryLearner } from '../../../src/forecast/ordinary/ordinary-learner.js';
import type { PatternFit } from '../../../src/forecast/ordinary/pattern-fit.js';
import { PatternSchedule } from '../../../src/forecast/ordinary/pattern-schedule.js';
import { lastDayOf } from '../../../src/forecast/ordinary/pattern-version.js';
import {
  fitPattern,
  type PatternFitter,
  type PatternSample,
  unhurriedPatterns,
} from '../../../src/forecast/ordinary/ports.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY = 20_000;

function historyBefore(day: number): DayMatrix {
  const dayNumbers = Array.from({ length: day - FIRST_DAY }, (_, d) => FIRST_DAY + d);
  const rows = dayNumbers.map((each) => new Float64Array(24).fill(10 + (each % 7)));
  return { intervalSeconds: 3600, dayNumbers, rows };
}

/** Notes what it was asked to learn; answers when told to. */
class Asked implements PatternFitter {
  readonly samples: PatternSample[] = [];
  readonly answers: (PatternFit | undefined)[] = [];

  begin(sample: PatternSample) {
    const at = this.samples.push(sample) - 1;
    const { answers } = this;
    return {
      get isRunning() {
        return answers[at] === undefined;
      },
      get result() {
        return answers[at];
      },
    };
  }
}

const at = (day: number, hours: number): number => (FIRST_DAY + day) * DAY_MS + hours * HOUR_MS;

describe('PatternSchedule', () => {
  it('learns at once when there is none, and then once a night, beside the forecasts', () => {
    const fitter = new Asked();
    const schedule = new PatternSchedule({ fitter });
    expect(schedule.follow(at(20, 9), historyBefore)).toBeDefined();
    expect(schedule.follow(at(20, 23), historyBefore)).toBeUndefined();
    expect(fitter.samples).toHaveLength(0);
    for (const hours of [0.1, 0.6, 0.7, 1.9]) schedule.follow(at(21, hours), historyBefore);
    expect(fitter.samples.map(({ origin }) => origin)).toEqual([FIRST_DAY + 21]);
    expect(schedule.pattern?.fit.learntDays).toBe(20);
    expect(schedule.follow(at(21, 2), historyBefore)).toBeDefined();
    expect(schedule.pattern?.fit.learntDays).toBe(21);
  });

  it('takes over what the thread has learnt, at two in the morning and not before', () => {
    const fitter = new Asked();
    const schedule = new PatternSchedule({ fitter });
    schedule.follow(at(20, 9), historyBefore);
    schedule.follow(at(21, 0.6), historyBefore);
    const [sample] = fitter.samples;
    if (!sample) throw new RangeError('nothing was asked');
    const answer = fitPattern(sample);
    fitter.answers[0] = answer;
    expect(schedule.follow(at(21, 1), historyBefore)).toBeUndefined();
    schedule.follow(at(21, 2), historyBefore);
    expect(schedule.pattern?.fit).toBe(answer);
  });

  it('is ready for its first forecast once the thread has learnt', () => {
    const fitter = new Asked();
    const schedule = new PatternSchedule({ fitter });
    expect(schedule.prepare(at(20, 9), historyBefore)).toBe(false);
    expect(schedule.prepare(at(20, 10), historyBefore)).toBe(false);
    expect(fitter.samples).toHaveLength(1);
    const [sample] = fitter.samples;
    if (!sample) throw new RangeError('nothing was asked');
    const answer = fitPattern(sample);
    fitter.answers[0] = answer;
    expect(schedule.prepare(at(20, 11), historyBefore)).toBe(true);
    schedule.follow(at(20, 11), historyBefore);
    expect(schedule.pattern?.fit).toBe(answer);
  });

  it('is the same after a restart at any hour', () => {
    for (const hours of [0.2, 1, 3, 20]) {
      const running = new PatternSchedule({ fitter: unhurriedPatterns });
      for (let hour = 0; hour <= 24 + hours; hour += 0.25)
        running.follow(at(20, hour), historyBefore);
      const restarted = new PatternSchedule({ fitter: unhurriedPatterns });
      restarted.follow(at(21, hours), historyBefore);
      expect(restarted.pattern?.fit).toEqual(running.pattern?.fit);
    }
  });
});

describe('versions of a pattern', () => {
  const learning = (calls: number, rules = 'r') => ({ settings: { rules, calls } });

  it('rise by one a night, each saying why it was learnt and from which days', () => {
    const schedule = new PatternSchedule(learning(0));
    const first = schedule.follow(at(20, 9), historyBefore);
    expect(schedule.follow(at(20, 12), historyBefore)).toBeUndefined();
    const second = schedule.follow(at(21, 9), historyBefore);
    expect([first, second].map((each) => [each?.version, each?.why, each?.from, each?.to])).toEqual(
      [
        [1, 'first', FIRST_DAY, FIRST_DAY + 19],
        [2, 'nightly', FIRST_DAY, FIRST_DAY + 20],
      ],
    );
  });

  it('are used again after a restart, but not after an import of past calls or other rules', () => {
    const first = new PatternSchedule(learning(1)).follow(at(20, 9), historyBefore);
    if (!first) throw new RangeError('nothing was learnt');
    const again = (settings: ReturnType<typeof learning>, hours: number) => {
      const schedule = new PatternSchedule(settings);
      schedule.remember(first);
      const taken = schedule.follow(at(20, hours), historyBefore);
      return { fit: schedule.pattern?.fit, taken };
    };
    expect(again(learning(1), 15)).toEqual({ fit: first.fit, taken: undefined });
    expect(again(learning(2), 15).taken).toMatchObject({ version: 2, why: 'calls' });
    expect(again(learning(1, 'other'), 15).taken).toMatchObject({ version: 2, why: 'rules' });
    expect(again(learning(1), 24 + 9).taken).toMatchObject({ version: 2, why: 'nightly' });
  });

  it('can be gone back to while learning goes on, as long as their days last', () => {
    const schedule = new PatternSchedule(learning(0));
    const first = schedule.follow(at(20, 9), historyBefore);
    schedule.follow(at(21, 9), historyBefore);
    if (!first) throw new RangeError('nothing was learnt');
    const untilDay = lastDayOf(first.fit);
    schedule.turn({ version: 1, fit: first.fit, untilDay });
    expect(schedule.pattern?.fit).toBe(first.fit);
    expect(schedule.follow(at(22, 9), historyBefore)).toMatchObject({ version: 3 });
    expect(schedule.pattern?.fit).toBe(first.fit);
    expect(first.fit.days.some(({ dayNumber }) => dayNumber === untilDay + 14)).toBe(true);
    schedule.follow((untilDay + 1) * DAY_MS + 9 * HOUR_MS, historyBefore);
    expect(schedule.pattern?.fit.learntDays).toBeGreaterThan(20);
  });

  it('leave out older days where the last eight weeks alone foretell better', () => {
    // a queue whose busy hours move from the morning to the night for good
    const dayNumbers = Array.from({ length: 120 }, (_, d) => FIRST_DAY + d);
    const rows = dayNumbers.map((_, d) =>
      Float64Array.from({ length: 24 }, (_, hour) => {
        const peak = d < 112 ? 10 : 22;
        return 20 + 200 * Math.exp(-((hour - peak) ** 2) / 8) + ((d * 5 + hour * 3) % 7);
      }),
    );
    const sample = { history: { intervalSeconds: 3600, dayNumbers, rows }, holidays: [] };
    const fit = fitPattern({ ...sample, origin: FIRST_DAY + 120 });
    const whole = OrdinaryLearner.of(sample.history).pattern();
    expect(whole.record.hasDrifted).toBe(true);
    expect(fit.learntDays).toBe(56);
    expect(fit.record.recentWape).toBeLessThan(0.9 * (whole.record.recentWape ?? 0));
  });
});
