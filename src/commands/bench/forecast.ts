import { benchCases, type CaseBenchOptions, type CasePart } from './bench-parts.js';
import type { BenchResult } from './harness.js';

/** The parts in the order they run, loaded when asked for. A new part is one line here. */
const PARTS: Readonly<Record<string, () => Promise<CasePart>>> = {
  ordinary: async () => (await import('./forecast/ordinary.js')).scoreOrdinary,
  bands: async () => (await import('./forecast/bands.js')).scoreBands,
  surge: async () => (await import('./forecast/surge.js')).scoreSurges,
  staffing: async () => (await import('./forecast/staffing.js')).checkStaffing,
  reforecast: async () => (await import('./forecast/reforecast.js')).timeReforecast,
  training: async () => (await import('./forecast/training.js')).timeTraining,
};

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
export function benchForecast(options: CaseBenchOptions): Promise<BenchResult> {
  return benchCases(ABOUT, PARTS, options);
}
