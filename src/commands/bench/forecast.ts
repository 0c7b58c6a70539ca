import type { CaseSet, PartResult } from './accuracy/part.js';
import { chosenParts, resultOfParts } from './bench-parts.js';
import type { ForecastPart } from './forecast/part.js';
import type { BenchResult } from './harness.js';

/** The parts in the order they run, loaded when asked for. A new part is one line here. */
const PARTS: Readonly<Record<string, () => Promise<ForecastPart>>> = {
  ordinary: async () => (await import('./forecast/ordinary.js')).scoreOrdinary,
  bands: async () => (await import('./forecast/bands.js')).scoreBands,
  surge: async () => (await import('./forecast/surge.js')).scoreSurges,
  staffing: async () => (await import('./forecast/staffing.js')).checkStaffing,
  reforecast: async () => (await import('./forecast/reforecast.js')).timeReforecast,
  training: async () => (await import('./forecast/training.js')).timeTraining,
};

/** What `tocsin bench forecast` was asked for. */
export interface ForecastBenchOptions {
  /** share of the full size, above 0 and at most 1 */
  readonly scale: number;
  /** names of parts, separated by commas; default all */
  readonly only?: string;
  /** which simulated cases; default those to be judged by */
  readonly set?: CaseSet;
}

const ABOUT = {
  name: 'forecast',
  better: 'lower',
  aim: 'at most 0.6 of seasonal naive a day ahead at 30 minutes, 0.7 at 5 minutes; bands that hold what they say',
} as const;

/**
 * How well calls are forecast: every part's figures under its name, what it is compared with under
 * the same name in `baseline`. The ratio is the first part's that compares.
 * @throws TocsinError `input.option` for a part that is not known
 */
export async function benchForecast(options: ForecastBenchOptions): Promise<BenchResult> {
  const started = process.cpuUsage();
  const results: [string, PartResult][] = [];
  for (const name of chosenParts(Object.keys(PARTS), options.only)) {
    const part = await PARTS[name]?.();
    if (part === undefined) continue;
    const progress = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
    const set = options.set ?? 'scoring';
    results.push([name, await part({ scale: options.scale, set, progress })]);
  }
  const { user, system } = process.cpuUsage(started);
  return resultOfParts(ABOUT, results, (user + system) / 1e6);
}
