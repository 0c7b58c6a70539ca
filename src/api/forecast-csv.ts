import type { IntervalForecast } from '../domain/interval-forecast.js';
import { csvField, csvFile } from './csv-field.js';
import type { QueueForecast } from './ports.js';

const HEADER =
  'queue,start,interval_seconds,calls_median,calls_p10,calls_p90,ordinary,surge,agents,rostered';

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
 * One line an interval, RFC 4180, times ISO 8601 UTC. A queue's name that a spreadsheet would take
 * for a formula is preceded by an apostrophe.
 */
export function forecastCsv(forecast: QueueForecast): string {
  const queue = csvField(forecast.queue);
  const lines = forecast.intervals.map((each) =>
    [
      queue,
      each.start,
      each.intervalSeconds,
      ...[0.5, 0.1, 0.9].map((level) => quantile(each, level).toFixed(1)),
      each.ordinary.toFixed(1),
      each.surge.toFixed(1),
      each.agents,
      each.rostered ?? '',
    ].join(','),
  );
  return csvFile(HEADER, lines);
}
