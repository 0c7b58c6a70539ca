import { stretchAt } from './grid.js';
import type { RepairSubject } from './past-repair.js';

/** Early, middle and late in a repair: an effect may differ between them. */
export const PHASES = 3;

/**
 * How soon incidents end: a piecewise exponential model (Friedman, Annals of Statistics 10 (1982)).
 * The rate of ending at an age is that of its bin, times the clock's effect at that moment, times
 * each trait's. Plain JSON.
 */
export interface Hazard {
  /** rising ages in ms between bins; the last bin has no end */
  readonly edges: readonly number[];
  /** bin → phase, below `PHASES` */
  readonly phases: readonly number[];
  /** bin → ends per ms */
  readonly base: readonly number[];
  /** effect of clock block × `PHASES` + phase, 1 is none */
  readonly clock: readonly number[];
  /** trait → level → effect by phase, 1 is none; a level never seen has none */
  readonly traits: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/** The slowest rate there can be, per ms: one end in a thousand years, so that no walk is endless. */
const SLOWEST = 1 / (1000 * 365 * 86_400_000);

/** Further ahead than this nothing is said; ms. */
const HORIZON_MS = 400 * 86_400_000;

function effectsOf(hazard: Hazard, subject: RepairSubject): number[] {
  const effects = Array.from({ length: PHASES }, () => 1);
  for (const [name, level] of Object.entries(subject.traits)) {
    const found = hazard.traits[name]?.[level];
    if (found === undefined) continue;
    for (let phase = 0; phase < PHASES; phase++) {
      effects[phase] = (effects[phase] ?? 1) * (found[phase] ?? 1);
    }
  }
  return effects;
}

/** One subject's course under a model; ages in ms since its start, from when it was known. */
export class Course {
  readonly #hazard: Hazard;
  readonly #subject: RepairSubject;
  readonly #effects: readonly number[];
  readonly #fromMs: number;

  constructor(hazard: Hazard, subject: RepairSubject) {
    this.#hazard = hazard;
    this.#subject = subject;
    this.#effects = effectsOf(hazard, subject);
    this.#fromMs = Math.max(0, subject.knownAtMs - subject.startedAtMs);
  }

  /** Nats gathered up to an age: the probability to last that long is e to minus it. At least 0. */
  natsAt(ageMs: number): number {
    let sum = 0;
    for (let atMs = this.#fromMs; atMs < ageMs; ) {
      const { rate, untilMs } = this.#at(atMs);
      const endMs = Math.min(untilMs, ageMs);
      sum += rate * (endMs - atMs);
      atMs = endMs;
    }
    return sum;
  }

  /** The age at which so many nats are gathered, at most 400 days. */
  ageAt(nats: number): number {
    let left = nats;
    for (let atMs = this.#fromMs; atMs < HORIZON_MS; ) {
      const { rate, untilMs } = this.#at(atMs);
      const here = rate * (untilMs - atMs);
      if (here >= left) return Math.min(HORIZON_MS, atMs + left / rate);
      left -= here;
      atMs = untilMs;
    }
    return HORIZON_MS;
  }

  #at(ageMs: number): { rate: number; untilMs: number } {
    const { edges, phases, base, clock } = this.#hazard;
    const stretch = stretchAt(edges, this.#subject, ageMs);
    const phase = phases[stretch.bin] ?? 0;
    const byClock = clock[stretch.clock * PHASES + phase] ?? 1;
    const rate = (base[stretch.bin] ?? 0) * byClock * (this.#effects[phase] ?? 1);
    return { rate: Math.max(SLOWEST, rate), untilMs: stretch.untilMs };
  }
}
