import type { DayFeatures } from './day-facts.js';
import { StructuralFilter, type StructuralSettings } from './structural-filter.js';

/** What settings are drawn from; 0 leaves an effect out. */
const CHOICES = {
  weekday: [10, 50, 200],
  closure: [0, 2, 10],
  month: [0, 0.3, 1, 4],
  levelDrift: [0.003, 0.02, 0.1, 0.3],
  weekdayDrift: [0, 0.0005, 0.005, 0.03],
  passing: [0, 0.5, 2],
  memory: [0.4, 0.7, 0.9],
} as const;
export const FULL_PANEL = 32;
/** Nothing is known of these before they are seen. */
const WIDE = { level: 1e4, holiday: 30 };
/** Days resemble each other, so that their likelihoods count as those of half as many. */
const TEMPER = 0.5;

/** Settings spread evenly over all choices: multiples of irrational numbers (a Kronecker sequence). */
function spreadSettings(): readonly StructuralSettings[] {
  const steps = [2, 3, 5, 7, 11, 13, 17].map(Math.sqrt);
  return Array.from({ length: FULL_PANEL }, (_, n) => {
    let axis = 0;
    const pick = (choices: readonly number[]): number => {
      const place = ((n + 1) * (steps[axis++] ?? 0)) % 1;
      return choices[Math.floor(place * choices.length)] ?? 0;
    };
    const prior = {
      ...WIDE,
      weekday: pick(CHOICES.weekday),
      closure: pick(CHOICES.closure),
      month: pick(CHOICES.month),
    };
    const levelDrift = pick(CHOICES.levelDrift);
    const weekdayDrift = pick(CHOICES.weekdayDrift);
    const passing = pick(CHOICES.passing);
    return { prior, levelDrift, weekdayDrift, passing, memory: pick(CHOICES.memory) };
  });
}

const SETTINGS = spreadSettings();

/**
 * Structural filters of many settings side by side, each weighted by how well it has foretold so far
 * (Bayesian model averaging, Raftery 1995). A search for the one best setting was rejected: with a
 * few months of days it picks by chance.
 */
export class StructuralPanel {
  readonly #filters: readonly StructuralFilter[];

  /** @param size how many settings, at most `FULL_PANEL` */
  constructor(size = FULL_PANEL) {
    this.#filters = SETTINGS.slice(0, size).map((settings) => new StructuralFilter(settings));
  }

  learn(features: DayFeatures, dayNumber: number, value: number): void {
    for (const filter of this.#filters) filter.learn(features, dayNumber, value);
  }

  /** The value to expect on a day: the filters' mean by weight. */
  forecast(features: DayFeatures, dayNumber: number): number {
    const likelihoods = this.#filters.map((filter) => filter.logLikelihood);
    const best = Math.max(...likelihoods);
    let total = 0;
    let value = 0;
    for (const [k, filter] of this.#filters.entries()) {
      const weight = Math.exp(TEMPER * ((likelihoods[k] ?? 0) - best));
      total += weight;
      value += weight * filter.forecast(features, dayNumber);
    }
    return value / total;
  }
}
