import { destabilise, stabilise } from './count-scale.js';
import { type Course, correctedCourse } from './intraday.js';
import { LEVELS } from './levels.js';
import type { PatternDay, PatternFit } from './pattern-fit.js';

const MEDIAN_AT = LEVELS.indexOf(0.5);

/** One day's calls by interval; NaN where the queue is expected to be closed. */
export interface DayForecast {
  readonly dayNumber: number;
  /** mean calls: what sums and staffing need; above the median where calls are few */
  readonly expected: Float64Array;
  readonly median: Float64Array;
  /** one row per level of `LEVELS`, never falling from row to row, never below 0 */
  readonly quantiles: readonly Float64Array[];
}

/** A day that is not over: calls by interval as far as they are known, NaN where not. */
export interface DaySoFar {
  readonly dayNumber: number;
  readonly calls: Float64Array;
}

/**
 * Forecasts from a fit: looks days up and corrects the one that runs by its calls so far. Cheap
 * enough for every reforecast; deterministic.
 */
export class OrdinaryPattern {
  readonly fit: PatternFit;
  readonly #days: ReadonlyMap<number, PatternDay>;

  constructor(fit: PatternFit) {
    this.fit = fit;
    this.#days = new Map(fit.days.map((day) => [day.dayNumber, day]));
  }

  /**
   * @param dayNumber local days since 1970-01-01
   * @param today corrects its own day and nothing else
   * @returns undefined for a day that the fit does not reach, or when it has learnt nothing
   */
  day(dayNumber: number, today?: DaySoFar): DayForecast | undefined {
    const forecast = this.dayIfOpen(dayNumber, today);
    const open = this.#days.get(dayNumber)?.open ?? [];
    const masked = (row: Float64Array): Float64Array =>
      row.map((value, i) => (open[i] ? value : Number.NaN));
    if (!forecast) return undefined;
    const { expected, median, quantiles } = forecast;
    return {
      dayNumber,
      expected: masked(expected),
      median: masked(median),
      quantiles: quantiles.map(masked),
    };
  }

  /** The same for a day that is open though it is not expected to be; NaN where nothing is known. */
  dayIfOpen(dayNumber: number, today?: DaySoFar): DayForecast | undefined {
    const day = this.#days.get(dayNumber);
    if (!day) return undefined;
    const course = today?.dayNumber === dayNumber ? this.#course(day, today) : undefined;
    const quantiles = this.fit.distances.map((distance) =>
      Float64Array.from(day.centre, (centre, i) => {
        if (centre === null) return Number.NaN;
        const spread = (day.scale[i] ?? 1) * (course?.spread[i] ?? 1);
        return destabilise(shifted(day, course, i) + spread * distance);
      }),
    );
    const expected = Float64Array.from(day.centre, (centre, i) => {
      if (centre === null) return Number.NaN;
      const variance = ((day.scale[i] ?? 1) * (course?.spread[i] ?? 1)) ** 2;
      return Math.max(0, Math.max(0, shifted(day, course, i)) ** 2 + variance - 0.375);
    });
    const median = quantiles[MEDIAN_AT] ?? expected;
    return { dayNumber, expected, median, quantiles };
  }

  /** How far from the centre today has been, in units of the scale, carried on. */
  #course(day: PatternDay, today: DaySoFar): Course {
    const seen = Float64Array.from(day.centre, (centre, i) => {
      if (centre === null) return Number.NaN;
      return (stabilise(today.calls[i] ?? Number.NaN) - centre) / (day.scale[i] ?? 1);
    });
    return correctedCourse(this.fit.intraday, seen);
  }
}

function shifted(day: PatternDay, course: Course | undefined, i: number): number {
  return (day.centre[i] ?? 0) + (day.scale[i] ?? 1) * (course?.shift[i] ?? 0);
}
