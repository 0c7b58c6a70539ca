import type { KeptForecast, KeptInterval } from './pack.js';

/** How one forecast of one interval turned out. */
export interface IntervalScore {
  readonly median: number;
  /** mean pinball loss over the levels 0.05 to 0.95, in calls */
  readonly pinball: number;
  readonly isWithin80: boolean;
  readonly isWithin95: boolean;
}

/** A share of ordinary calls, and calls, from which an interval counts as one of incidents. */
const INCIDENT_SHARE = 0.05;
const INCIDENT_CALLS = 1;

/** Whether incidents bring a part of an interval's calls that is worth naming. */
export function isInIncident({ ordinary, extra }: KeptInterval): boolean {
  return extra >= INCIDENT_CALLS && extra >= INCIDENT_SHARE * ordinary;
}

/**
 * Holds an interval of a forecast against what came. Pinball loss: Koenker and Bassett,
 * "Regression quantiles", Econometrica 46 (1978), equation 3.1; half of it summed over levels
 * approximates the continuous ranked probability score.
 * @param actual calls that came, 0 or more
 * @returns undefined when the forecast does not hold the interval
 */
export function scoreInterval(
  { levels, intervals }: KeptForecast,
  startMs: number,
  actual: number,
): IntervalScore | undefined {
  const interval = intervals.find((each) => each.startMs === startMs);
  if (interval === undefined) return undefined;
  const at = (level: number): number => quantileAt(levels, interval, level);
  let [sum, count] = [0, 0];
  for (const [n, level] of levels.entries()) {
    if (level < 0.05 || level > 0.95) continue;
    const apart = actual - (interval.quantiles[n] ?? 0);
    sum += apart >= 0 ? level * apart : (level - 1) * apart;
    count++;
  }
  return {
    median: at(0.5),
    pinball: count > 0 ? sum / count : Math.abs(actual - at(0.5)) / 2,
    isWithin80: at(0.1) <= actual && actual <= at(0.9),
    isWithin95: at(0.025) <= actual && actual <= at(0.975),
  };
}

/** The quantile of the level nearest to the one asked for. */
function quantileAt(levels: readonly number[], interval: KeptInterval, level: number): number {
  let best = 0;
  for (const [n, each] of levels.entries()) {
    if (Math.abs(each - level) < Math.abs((levels[best] ?? 2) - level)) best = n;
  }
  return interval.quantiles[best] ?? interval.ordinary + interval.extra;
}
