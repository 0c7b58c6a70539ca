import { describe, expect, it } from 'vitest';
import type { DayMatrix } from '../../../src/forecast/day-matrix.js';
import type { PatternFit } from '../../../src/forecast/ordinary/pattern-fit.js';
import { PatternSchedule } from '../../../src/forecast/ordinary/pattern-schedule.js';
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
    const schedule = new PatternSchedule(fitter);
    expect(schedule.follow(at(20, 9), historyBefore)).toBe(true);
    expect(schedule.follow(at(20, 23), historyBefore)).toBe(false);
    expect(fitter.samples).toHaveLength(0);
    for (const hours of [0.1, 0.6, 0.7, 1.9]) schedule.follow(at(21, hours), historyBefore);
    expect(fitter.samples.map(({ origin }) => origin)).toEqual([FIRST_DAY + 21]);
    expect(schedule.pattern?.fit.learntDays).toBe(20);
    expect(schedule.follow(at(21, 2), historyBefore)).toBe(true);
    expect(schedule.pattern?.fit.learntDays).toBe(21);
  });

  it('takes over what the thread has learnt, at two in the morning and not before', () => {
    const fitter = new Asked();
    const schedule = new PatternSchedule(fitter);
    schedule.follow(at(20, 9), historyBefore);
    schedule.follow(at(21, 0.6), historyBefore);
    const [sample] = fitter.samples;
    if (!sample) throw new RangeError('nothing was asked');
    const answer = fitPattern(sample);
    fitter.answers[0] = answer;
    expect(schedule.follow(at(21, 1), historyBefore)).toBe(false);
    schedule.follow(at(21, 2), historyBefore);
    expect(schedule.pattern?.fit).toBe(answer);
  });

  it('is ready for its first forecast once the thread has learnt', () => {
    const fitter = new Asked();
    const schedule = new PatternSchedule(fitter);
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
      const running = new PatternSchedule(unhurriedPatterns);
      for (let hour = 0; hour <= 24 + hours; hour += 0.25)
        running.follow(at(20, hour), historyBefore);
      const restarted = new PatternSchedule(unhurriedPatterns);
      restarted.follow(at(21, hours), historyBefore);
      expect(restarted.pattern?.fit).toEqual(running.pattern?.fit);
    }
  });
});
