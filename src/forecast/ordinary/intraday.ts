import type { IntradayFit } from './pattern-fit.js';

/** What is left of a day, in units of each interval's scale. */
export interface Course {
  /** from the centre */
  readonly shift: Float64Array;
  /** of the band against the uncorrected one, above 0 and at most 1 */
  readonly spread: Float64Array;
}

const FARTHEST = 4;

/**
 * A day's standardised deviations as the sum of a day factor, a passing one that fades from interval
 * to interval (AR(1)) and noise, filtered up to the last known interval and carried on (Kalman
 * filter; the model is the additive form of Weinberg, Brown & Stroud, JASA 2007, and the update that
 * of Shen & Huang, M&SOM 2008, with the penalty that the variances imply).
 *
 * @param seen deviations so far, NaN where unknown; one farther out than four scales counts as four,
 *   so that a single odd interval cannot bend the day
 */
export function correctedCourse(fit: IntradayFit, seen: Float64Array): Course {
  const { dayVariance, passingVariance, passingMemory, noiseVariance } = fit;
  const total = dayVariance + passingVariance + noiseVariance;
  const shift = new Float64Array(seen.length);
  const spread = new Float64Array(seen.length).fill(1);
  let [day, passing] = [0, 0];
  let [dayVar, both, passingVar] = [dayVariance, 0, passingVariance];
  for (const [i, value] of seen.entries()) {
    passing *= passingMemory;
    both *= passingMemory;
    passingVar = passingMemory ** 2 * passingVar + (1 - passingMemory ** 2) * passingVariance;
    const variance = dayVar + 2 * both + passingVar + noiseVariance;
    shift[i] = day + passing;
    spread[i] = Math.sqrt(Math.min(1, variance / total));
    if (Number.isNaN(value) || variance <= 0) continue;
    const miss = Math.max(-FARTHEST, Math.min(FARTHEST, value)) - day - passing;
    const [dayGain, passingGain] = [(dayVar + both) / variance, (both + passingVar) / variance];
    day += dayGain * miss;
    passing += passingGain * miss;
    const [dayBefore, bothBefore] = [dayVar + both, both + passingVar];
    dayVar -= dayGain * dayBefore;
    both -= dayGain * bothBefore;
    passingVar -= passingGain * bothBefore;
  }
  return { shift, spread };
}

const LONG_LAG = 12;

/**
 * Variances from past days' standardised deviations, by the covariance of intervals a lag apart:
 * what is left at a long lag is the day's, what is lost between lags 1 and 2 the passing part's.
 *
 * @param days standardised deviations by day and interval, NaN where unknown
 */
export function fitIntraday(days: readonly Float64Array[]): IntradayFit {
  const covariance = (lag: number): number => {
    let sum = 0;
    let count = 0;
    for (const row of days) {
      for (let i = lag; i < row.length; i++) {
        const product = clamped(row[i]) * clamped(row[i - lag]);
        if (Number.isNaN(product)) continue;
        sum += product;
        count++;
      }
    }
    return count > 0 ? sum / count : 0;
  };
  const columns = days[0]?.length ?? 0;
  const total = covariance(0) || 1;
  const dayVariance = Math.max(0, covariance(Math.min(LONG_LAG, columns >> 1)));
  const first = Math.max(0, covariance(1) - dayVariance);
  const second = Math.max(0, covariance(2) - dayVariance);
  const passingMemory = first > 0 ? Math.min(0.98, Math.max(0.3, second / first)) : 0.3;
  const passingVariance = Math.min(first / passingMemory, 0.95 * Math.max(0, total - dayVariance));
  const noiseVariance = Math.max(0.05 * total, total - dayVariance - passingVariance);
  return { dayVariance, passingVariance, passingMemory, noiseVariance };
}

function clamped(value: number | undefined): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, value ?? Number.NaN));
}
