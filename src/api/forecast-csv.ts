import type { IntervalForecast } from '../domain/interval-forecast.js';
import { csvField, csvFile } from './csv-field.js';
import type { QueueForecast } from './ports.js';

const HEADER = [
  'queue,start,interval_seconds,calls_median,calls_p10,calls_p90,ordinary,surge,agents,rostered',
  'redials,aht_seconds,roster,gap_agents,gap_hours,service_level,asa_seconds,abandonment',
  'cost_needed,cost_as_rostered',
].join();

/** The quantile nearest to a level among those a forecast holds. @param level in (0,1) */
function quantile(interval: IntervalForecast, level: number): number {
  let best = interval.ordinary + interval.surge;
  let distance = Number.POSITIVE_INFINITY;
  for (const [key, value] of Object.entries(interval.quantiles)) {
    const apart = Math.abs(Number(key) - level);
    if (apart < distance) {
      distance = apart;
      best = value;
    }
  }
  return best;
}

/**
 * One line an interval, RFC 4180, times ISO 8601 UTC; what needs a roster is empty without one. A
 * queue's name that a spreadsheet would take for a formula is preceded by an apostrophe.
 */
export function forecastCsv(forecasts: readonly QueueForecast[]): string {
  const lines = forecasts.flatMap(({ queue, intervals }) =>
    intervals.map((each) => lineOf(csvField(queue), each)),
  );
  return csvFile(HEADER, lines);
}

function lineOf(queue: string, each: IntervalForecast): string {
  const { roster, cost } = each;
  const fixed = (value: number | null | undefined, digits: number): string =>
    value?.toFixed(digits) ?? '';
  return [
    queue,
    each.start,
    each.intervalSeconds,
    ...[0.5, 0.1, 0.9].map((level) => fixed(quantile(each, level), 1)),
    fixed(each.ordinary, 1),
    fixed(each.surge, 1),
    each.agents,
    each.rostered ?? '',
    fixed(each.redials, 1),
    fixed(each.ahtSeconds, 0),
    roster?.agents ?? '',
    fixed(roster?.gapAgents, 1),
    fixed(roster?.gapHours, 2),
    fixed(roster?.serviceLevel, 3),
    fixed(roster?.asaSeconds, 1),
    fixed(roster?.abandonment, 4),
    fixed(cost?.needed, 2),
    fixed(cost?.asRostered, 2),
  ].join(',');
}
