import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedCourse, fitIntraday } from '../../../src/forecast/ordinary/intraday.js';

const HALF_HOUR = 1800;
const FIT = {
  dayVariance: 0.5,
  passingVariance: 0.2,
  passingMemory: 0.7,
  noiseVariance: 0.3,
  widen: 1,
};

/** Deviations of a day: known values first, the rest unknown. */
function soFar(known: readonly number[], columns = 48): Float64Array {
  return Float64Array.from({ length: columns }, (_, i) => known[i] ?? Number.NaN);
}

describe('correctedCourse', () => {
  it('changes nothing before the first call of the day', () => {
    const { shift, spread } = correctedCourse(FIT, soFar([]));
    expect([...shift].every((each) => each === 0)).toBe(true);
    for (const each of spread) expect(each).toBeCloseTo(1, 12);
  });

  it('carries a day that runs high on to its end and grows surer of it', () => {
    const { shift, spread } = correctedCourse(FIT, soFar(new Array(12).fill(1)));
    expect(shift[13]).toBeGreaterThan(0.8);
    expect(shift[47]).toBeGreaterThan(0.7);
    expect(shift[47]).toBeLessThan(shift[12] ?? 0);
    expect(spread[47]).toBeLessThan(0.85);
    expect(spread[12]).toBeLessThan(spread[47] ?? 0);
  });

  it('is not bent by a single interval of a thousand times the calls', () => {
    const { shift } = correctedCourse(FIT, soFar([0, 0, 0, 0, 1000, 0, 0, 0]));
    expect(shift[47]).toBeLessThan(1);
  });

  it('takes deviations whose squares vanish for none', () => {
    const { spread } = correctedCourse(fitIntraday([soFar([1e-162, 0])], HALF_HOUR), soFar([0]));
    for (const each of spread) expect(each).toBeLessThanOrEqual(1);
  });

  it('never says NaN nor widens the band, whatever came and whatever was learnt', () => {
    const value = fc.oneof(
      fc.constant(Number.NaN),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    const row = fc
      .array(value, { minLength: 6, maxLength: 6 })
      .map((each) => Float64Array.from(each));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), row, (past, today) => {
        const { shift, spread } = correctedCourse(fitIntraday(past, HALF_HOUR), today);
        expect([...shift].every(Number.isFinite)).toBe(true);
        expect([...spread].every((each) => each > 0 && each <= 1)).toBe(true);
      }),
    );
  });
});

describe('fitIntraday', () => {
  it('finds the parts that days were made of', () => {
    let state = 7;
    const uniform = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const days = Array.from({ length: 400 }, () => {
      const day = Math.sqrt(FIT.dayVariance) * normal();
      let passing = Math.sqrt(FIT.passingVariance) * normal();
      return Float64Array.from({ length: 48 }, () => {
        const step = Math.sqrt(FIT.passingVariance * (1 - FIT.passingMemory ** 2)) * normal();
        passing = FIT.passingMemory * passing + step;
        return day + passing + Math.sqrt(FIT.noiseVariance) * normal();
      });
    });
    const fit = fitIntraday(days, HALF_HOUR);
    expect(Math.abs(fit.dayVariance - FIT.dayVariance)).toBeLessThan(0.16);
    expect(Math.abs(fit.passingMemory - FIT.passingMemory)).toBeLessThan(0.16);
    expect(Math.abs(fit.noiseVariance - FIT.noiseVariance)).toBeLessThan(0.16);
  });
});
