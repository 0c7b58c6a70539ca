import { destabilise, stabilise } from './count-scale.js';
import { type Course, correctedCourse } from './intraday.js';
import type { PatternDay, PatternFit } from './pattern-fit.js';

/** One day's calls by interval; NaN where the queue is expected to be closed. */
export interface DayForecast {
  readonly dayNumber: number;
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
    const day = this.#days.get(dayNumber);
    if (!day) return undefined;
    const course = today?.dayNumber === dayNumber ? this.#course(day, today) : undefined;
    const at = (distance: number): Float64Array =>
      Float64Array.from(day.centre, (centre, i) => {
        if (centre === null) return Number.NaN;
        const scale = day.scale[i] ?? 1;
        const shift = course?.shift[i] ?? 0;
        return destabilise(centre + scale * (shift + distance * (course?.spread[i] ?? 1)));
      });
    return { dayNumber, median: at(0), quantiles: this.fit.distances.map(at) };
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
