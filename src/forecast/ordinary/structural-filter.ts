import { type DayFeatures, FEATURE_PLAN, type FeatureGroup } from './day-facts.js';

/** Variances in units of a day's noise. */
export interface StructuralSettings {
  /** how far a group's effects may lie from none */
  readonly prior: Readonly<Record<FeatureGroup, number>>;
  /** by how much the level wanders in a day, and weekday effects */
  readonly levelDrift: number;
  readonly weekdayDrift: number;
  /** of deviations that fade from day to day, and what is left of one a day later */
  readonly passing: number;
  readonly memory: number;
}

// A name of this module: an imported one is looked up anew in the innermost loop.
const PLAN = FEATURE_PLAN;
const SIZE = PLAN.length + 1;
const PASSING = SIZE - 1;
/** Innovations farther out count as this many spreads. */
const FARTHEST = 3;
/** So many of those in a row on one side are a new level. */
const NEW_LEVEL_AFTER = 3;
/** Days until what it foretells is taken at its word. */
const WARM_UP = 8;

/**
 * One number a day as level, weekday, closure, month and holiday effects plus a passing deviation
 * and noise: a structural time series (Harvey 1989, ch. 2 and 4), filtered day by day; days without
 * data are only longer steps. Deterministic; keeps no history.
 */
export class StructuralFilter {
  readonly #settings: StructuralSettings;
  readonly #mean = new Float64Array(SIZE);
  readonly #cov = new Float64Array(SIZE * SIZE);
  readonly #gain = new Float64Array(SIZE);
  #lastDay: number | undefined;
  #learnt = 0;
  #noise = 1;
  #logScale = 0;
  #squares = 0;
  #scored = 0;
  #farSide = 0;
  #farRun = 0;

  constructor(settings: StructuralSettings) {
    this.#settings = settings;
    for (const [i, group] of PLAN.entries()) this.#cov[i * SIZE + i] = settings.prior[group];
    this.#cov[PASSING * SIZE + PASSING] = settings.passing;
  }

  /**
   * How well it foretold what it learnt after its warm-up: log likelihood, with the noise variance
   * that fits best; 0 before.
   */
  get logLikelihood(): number {
    if (this.#scored === 0) return 0;
    return (
      -0.5 *
      this.#scored *
      (Math.log(this.#squares / this.#scored + 1e-12) + this.#logScale / this.#scored)
    );
  }

  /** The value to expect on a day, from what is known so far. */
  forecast(features: DayFeatures, dayNumber: number): number {
    const ahead = this.#lastDay === undefined ? 0 : Math.max(0, dayNumber - this.#lastDay);
    let value = this.#settings.memory ** ahead * (this.#mean[PASSING] ?? 0);
    for (let i = 0; i < PASSING; i++) value += (features[i] ?? 0) * (this.#mean[i] ?? 0);
    return value;
  }

  learn(features: DayFeatures, dayNumber: number, value: number): void {
    this.#advance(dayNumber);
    const [mean, cov, gain] = [this.#mean, this.#cov, this.#gain];
    let miss = value - (mean[PASSING] ?? 0);
    for (let i = 0; i < SIZE; i++) gain[i] = cov[PASSING * SIZE + i] ?? 0;
    for (let j = 0; j < PASSING; j++) {
      const x = features[j] ?? 0;
      if (x === 0) continue;
      miss -= x * (mean[j] ?? 0);
      for (let i = 0; i < SIZE; i++) gain[i] = (gain[i] ?? 0) + x * (cov[j * SIZE + i] ?? 0);
    }
    let variance = 1 + (gain[PASSING] ?? 0);
    for (let j = 0; j < PASSING; j++) variance += (features[j] ?? 0) * (gain[j] ?? 0);
    miss = this.#clamped(miss, variance);
    for (let i = 0; i < SIZE; i++) {
      const share = (gain[i] ?? 0) / variance;
      mean[i] = (mean[i] ?? 0) + share * miss;
      for (let j = 0; j <= i; j++) {
        const left = (cov[i * SIZE + j] ?? 0) - share * (gain[j] ?? 0);
        cov[i * SIZE + j] = left;
        cov[j * SIZE + i] = left;
      }
    }
  }

  #at(i: number, j: number): number {
    return this.#cov[i * SIZE + j] ?? 0;
  }

  #advance(dayNumber: number): void {
    const ahead = this.#lastDay === undefined ? 0 : Math.max(0, dayNumber - this.#lastDay);
    this.#lastDay = dayNumber;
    if (ahead === 0) return;
    const { levelDrift, weekdayDrift, passing, memory } = this.#settings;
    const left = memory ** ahead;
    this.#mean[PASSING] = left * (this.#mean[PASSING] ?? 0);
    for (let i = 0; i < SIZE; i++) {
      this.#cov[i * SIZE + PASSING] = left * this.#at(i, PASSING);
      this.#cov[PASSING * SIZE + i] = left * this.#at(PASSING, i);
      const group = PLAN[i];
      const drift = group === 'level' ? levelDrift : group === 'weekday' ? weekdayDrift : 0;
      this.#cov[i * SIZE + i] = this.#at(i, i) + drift * ahead;
    }
    const corner = PASSING * SIZE + PASSING;
    this.#cov[corner] = (this.#cov[corner] ?? 0) + (1 - left ** 2) * passing;
  }

  /** A far miss counts less, unless it comes again and again: then the level is free to move. */
  #clamped(miss: number, variance: number): number {
    const scaled = (miss * miss) / variance;
    this.#learnt++;
    if (this.#learnt <= WARM_UP) {
      this.#noise += (scaled - this.#noise) / this.#learnt;
      return miss;
    }
    const limit = FARTHEST ** 2 * this.#noise;
    this.#noise += Math.max(0.02, 1 / this.#learnt) * (Math.min(scaled, limit) - this.#noise);
    this.#squares += Math.min(scaled, limit);
    this.#logScale += Math.log(variance);
    this.#scored++;
    if (scaled <= limit) {
      this.#farRun = 0;
      return miss;
    }
    const side = Math.sign(miss);
    this.#farRun = side === this.#farSide ? this.#farRun + 1 : 1;
    this.#farSide = side;
    if (this.#farRun >= NEW_LEVEL_AFTER) {
      this.#cov[0] = (this.#cov[0] ?? 0) + scaled / Math.max(1e-12, this.#noise);
      this.#farRun = 0;
    }
    return side * Math.sqrt(limit * variance);
  }
}
