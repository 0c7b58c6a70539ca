import { destabilise } from './count-scale.js';
import type { PatternRecord } from './pattern-fit.js';

const RECENT_DAYS = 14;
const USUAL_DAYS = 56;
/** Recent errors so many times the usual ones are a drift. */
const DRIFT_TIMES = 1.6;
const FEWEST_USUAL_DAYS = 14;

interface DayErrors {
  readonly actual: number;
  readonly forecast: number;
  readonly missed: number;
}

/** What a pattern foretold a day ahead against what came. */
export class TrackRecord {
  readonly #days: DayErrors[] = [];

  /** Both on the stabilised scale, NaN where there is none. */
  score(centre: Float64Array, row: Float64Array): void {
    let [actual, forecast, missed] = [0, 0, 0];
    for (const [i, value] of row.entries()) {
      const expected = centre[i] ?? Number.NaN;
      if (Number.isNaN(value) || Number.isNaN(expected)) continue;
      actual += destabilise(value);
      forecast += destabilise(expected);
      missed += Math.abs(destabilise(value) - destabilise(expected));
    }
    this.#days.push({ actual, forecast, missed });
    if (this.#days.length > RECENT_DAYS + USUAL_DAYS) this.#days.shift();
  }

  summary(): PatternRecord {
    const recent = summed(this.#days.slice(-RECENT_DAYS));
    const before = this.#days.slice(0, -RECENT_DAYS);
    const usual = summed(before);
    const recentWape = share(recent.missed, recent.actual);
    const usualWape = share(usual.missed, usual.actual);
    const bias = share(recent.forecast, recent.actual);
    const recentBias = bias === null ? null : bias - 1;
    const hasDrifted =
      before.length >= FEWEST_USUAL_DAYS &&
      recentWape !== null &&
      usualWape !== null &&
      recentWape > DRIFT_TIMES * usualWape;
    return { recentWape, usualWape, recentBias, hasDrifted };
  }
}

function summed(days: readonly DayErrors[]): DayErrors {
  return days.reduce(
    (sum, day) => ({
      actual: sum.actual + day.actual,
      forecast: sum.forecast + day.forecast,
      missed: sum.missed + day.missed,
    }),
    { actual: 0, forecast: 0, missed: 0 },
  );
}

function share(part: number, of: number): number | null {
  return of > 0 ? part / of : null;
}
