import { describe, expect, it } from 'vitest';
import {
  eventScore,
  rangeScore,
  rangesOf,
} from '../../../../../src/commands/bench/accuracy/labelled/range-score.js';

const range = (from: number, to: number) => ({ from, to });

describe('runs of flagged rows', () => {
  it('are ranges with both ends in them, from the first row that counts', () => {
    const flags = [true, true, false, true, false, true];
    expect(rangesOf(flags)).toEqual([range(0, 1), range(3, 3), range(5, 5)]);
    expect(rangesOf(flags, 1)).toEqual([range(1, 1), range(3, 3), range(5, 5)]);
    expect(rangesOf([])).toEqual([]);
  });
});

describe('event-wise score', () => {
  it('counts a true range once, however often it is flagged, and each false run', () => {
    const actual = [range(10, 19), range(50, 59)];
    const flagged = [range(10, 10), range(12, 12), range(30, 31), range(40, 40)];
    expect(eventScore(actual, flagged)).toEqual({
      precision: 1 / 3,
      recall: 1 / 2,
      f1: 2 / 5,
    });
  });

  it('is 0 and no NaN when nothing is flagged or nothing is true', () => {
    expect(eventScore([range(0, 1)], [])).toEqual({ precision: 0, recall: 0, f1: 0 });
    expect(eventScore([], [range(0, 1)])).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});

describe('range-based score', () => {
  it('is 1 for exactly the true ranges', () => {
    const ranges = [range(3, 5), range(9, 30)];
    expect(rangeScore(ranges, ranges)).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  it('rewards existence in recall only, and what is covered in both', () => {
    // 5 of 10 rows covered by one run of which half lies outside
    const { precision, recall } = rangeScore([range(10, 19)], [range(15, 24)]);
    expect(precision).toBeCloseTo(0.5);
    expect(recall).toBeCloseTo(0.5 + 0.5 * 0.5);
  });

  it('divides by the number of pieces that a range is found in', () => {
    const { recall } = rangeScore([range(0, 9)], [range(0, 3), range(6, 9)]);
    expect(recall).toBeCloseTo(0.5 + 0.5 * (0.8 / 2));
  });
});
