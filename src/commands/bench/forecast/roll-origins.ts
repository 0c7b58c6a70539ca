import type { DayMatrix } from '../../../forecast/day-matrix.js';
import { LEVELS } from '../../../forecast/ordinary/levels.js';
import { OrdinaryLearner } from '../../../forecast/ordinary/ordinary-learner.js';
import { type DayForecast, OrdinaryPattern } from '../../../forecast/ordinary/pattern.js';
import type { DayScore } from './day-blocks.js';

/** The same in every interval: how far back a forecast an hour ahead sees the day. */
const HOUR_SECONDS = 3600;

/** What one origin's day brought. */
export interface OriginScores {
  readonly dayAhead: DayScore;
  readonly hourAhead: DayScore;
}

/**
 * Forecasts each day from the midnight before it, and each of its intervals an hour before it begins
 * from what had ended by then.
 * @param from place of the first day forecast
 */
export function rollOrigins(
  history: DayMatrix,
  from: number,
  progress: (done: number, all: number) => void,
): OriginScores[] {
  const { intervalSeconds, dayNumbers, rows } = history;
  const learner = OrdinaryLearner.of({
    intervalSeconds,
    dayNumbers: dayNumbers.slice(0, from),
    rows: rows.slice(0, from),
  });
  return rows.slice(from).map((row, k) => {
    const dayNumber = dayNumbers[from + k] ?? 0;
    const pattern = new OrdinaryPattern(learner.pattern(dayNumber, 1));
    const scores = {
      dayAhead: scoreDay(row, () => pattern.dayIfOpen(dayNumber)),
      hourAhead: scoreDay(row, (i) => {
        const known = i - Math.ceil(HOUR_SECONDS / intervalSeconds);
        const calls = row.map((value, j) => (j < known ? value : Number.NaN));
        return pattern.dayIfOpen(dayNumber, { dayNumber, calls });
      }),
    };
    learner.learn(dayNumber, row);
    progress(k + 1, rows.length - from);
    return scores;
  });
}

/** @param forecastFor the forecast that an interval is judged by */
function scoreDay(
  row: Float64Array,
  forecastFor: (i: number) => DayForecast | undefined,
): DayScore {
  let [points, total, missed, in80, in95] = [0, 0, 0, 0, 0];
  for (const [i, actual] of row.entries()) {
    if (Number.isNaN(actual)) continue;
    const forecast = forecastFor(i);
    const at = (level: number): number =>
      forecast?.quantiles[LEVELS.indexOf(level)]?.[i] ?? Number.NaN;
    points++;
    total += actual;
    missed += Math.abs(actual - (forecast?.median[i] ?? 0));
    if (actual >= at(0.1) && actual <= at(0.9)) in80++;
    if (actual >= at(0.025) && actual <= at(0.975)) in95++;
  }
  return { points, actual: total, missed, in80, in95 };
}
