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
  const { dayVariance, passingVariance, passingMemory, noiseVariance, widen } = fit;
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
    spread[i] = Math.min(1, widen * Math.sqrt(variance / total));
    if (Number.isNaN(value) || variance <= 0) continue;
    const miss = clamped(value) - day - passing;
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

/** Variances that are tried: shares of the day, of the passing part, and its memory an hour later. */
const DAY_SHARES = [0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8];
const PASSING_SHARES = [0, 0.1, 0.2, 0.35, 0.5];
const HOUR_MEMORIES = [0.2, 0.5, 0.75];
const LEAST_NOISE_SHARE = 0.1;
const HOUR_SECONDS = 3600;

/**
 * The variances under which past days' deviations were least of a surprise, an interval after the
 * other (maximum likelihood on a grid), and how much wider bands must be than they say.
 *
 * @param days standardised deviations by day and interval, NaN where unknown
 */
export function fitIntraday(days: readonly Float64Array[], intervalSeconds: number): IntradayFit {
  const total = meanSquare(days);
  let best = { fit: parted(0, 0, 0.5, total), surprise: Number.POSITIVE_INFINITY, squares: 1 };
  for (const day of DAY_SHARES) {
    for (const passing of PASSING_SHARES) {
      if (day + passing > 1 - LEAST_NOISE_SHARE) continue;
      for (const hourMemory of passing > 0 ? HOUR_MEMORIES : [0.5]) {
        const fit = parted(day, passing, hourMemory ** (intervalSeconds / HOUR_SECONDS), total);
        const tried = surpriseOf(fit, days);
        if (tried.surprise < best.surprise) best = { fit, ...tried };
      }
    }
  }
  const widen = Math.min(MOST_WIDENING, Math.max(1, Math.sqrt(best.squares)));
  return { ...best.fit, widen };
}

const MOST_WIDENING = 2;

function parted(day: number, passing: number, passingMemory: number, total: number): IntradayFit {
  return {
    dayVariance: day * total,
    passingVariance: passing * total,
    passingMemory,
    noiseVariance: (1 - day - passing) * total,
    widen: 1,
  };
}

/** −2 log likelihood an interval, and the mean squared deviation in units of what was foretold. */
function surpriseOf(fit: IntradayFit, days: readonly Float64Array[]) {
  const total = fit.dayVariance + fit.passingVariance + fit.noiseVariance;
  let surprise = 0;
  let squares = 0;
  let count = 0;
  for (const row of days) {
    const { shift, spread } = correctedCourse(fit, row);
    for (const [i, value] of row.entries()) {
      if (Number.isNaN(value)) continue;
      const variance = (spread[i] ?? 1) ** 2 * total;
      const square = (clamped(value) - (shift[i] ?? 0)) ** 2 / variance;
      surprise += square + Math.log(variance);
      squares += square;
      count++;
    }
  }
  return count > 0
    ? { surprise: surprise / count, squares: squares / count }
    : { surprise: 0, squares: 1 };
}

/** Of deviations in units of the scale: smaller ones are rounding, and their squares may vanish. */
const LEAST_VARIANCE = 1e-12;

function meanSquare(days: readonly Float64Array[]): number {
  let sum = 0;
  let count = 0;
  for (const row of days) {
    for (const value of row) {
      if (Number.isNaN(value)) continue;
      sum += clamped(value) ** 2;
      count++;
    }
  }
  return sum > LEAST_VARIANCE * count ? sum / count : 1;
}

function clamped(value: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, value));
}
