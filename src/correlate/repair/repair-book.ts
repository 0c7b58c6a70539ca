import { type PackedPast, packPast, unpackPast } from './pack-past.js';
import type { PastRepair, RepairSubject } from './past-repair.js';
import {
  estimateRepair,
  fitRepairModel,
  type RepairEstimate,
  type RepairModel,
} from './repair-model.js';

/** The part of `rules/correlation.yaml` that governs learning. */
export interface RepairRules {
  readonly minPast: number;
  readonly keepPast: number;
  readonly refitSeconds: number;
  readonly band: number;
}

/** The book as plain JSON. */
export interface StoredRepairs {
  readonly past: PackedPast;
  readonly newEnds: number;
  readonly fittedMs: number | null;
  readonly model: RepairModel | null;
}

/** An estimate and how many past incidents it rests on. */
export interface Foretold extends RepairEstimate {
  readonly basedOn: number;
}

/** Remembers past incidents and foretells from them; time only as an argument. */
export class RepairBook {
  readonly #rules: RepairRules;
  #past: PastRepair[] = [];
  #newEnds = 0;
  #fittedMs = Number.NEGATIVE_INFINITY;
  #model: RepairModel | null = null;

  constructor(rules: RepairRules) {
    this.#rules = rules;
  }

  /** Adds an incident that ended; the oldest one beyond `keepPast` is forgotten. */
  add(past: PastRepair): void {
    this.#past.push(past);
    this.#newEnds++;
    if (this.#past.length > this.#rules.keepPast) this.#past.shift();
  }

  /**
   * Learns anew when that is due.
   * @param running incidents not yet added: they count for as long as they have lasted
   */
  refit(running: () => readonly PastRepair[], nowMs: number): void {
    const { minPast, refitSeconds } = this.#rules;
    if (this.#newEnds === 0 || this.#past.length < minPast) return;
    if (nowMs - this.#fittedMs < refitSeconds * 1000) return;
    this.#model = fitRepairModel([...this.#past, ...running()], {
      minEnds: minPast,
      asOfMs: nowMs,
    });
    this.#newEnds = 0;
    this.#fittedMs = nowMs;
  }

  /** Whether enough is known to foretell anything. */
  get isReady(): boolean {
    return this.#model !== null;
  }

  /** @returns null while too little is known: nothing is claimed then */
  foretell(subject: RepairSubject, nowMs: number): Foretold | null {
    if (this.#model === null) return null;
    const estimate = estimateRepair(this.#model, subject, nowMs, this.#rules.band);
    return { ...estimate, basedOn: this.#model.basedOn };
  }

  /** The whole state. */
  stored(): StoredRepairs {
    return {
      past: packPast(this.#past),
      newEnds: this.#newEnds,
      fittedMs: Number.isFinite(this.#fittedMs) ? this.#fittedMs : null,
      model: this.#model,
    };
  }

  /** Puts a stored state back. */
  restore({ past, newEnds, fittedMs, model }: StoredRepairs): void {
    this.#past = unpackPast(past);
    this.#newEnds = newEnds;
    this.#fittedMs = fittedMs ?? Number.NEGATIVE_INFINITY;
    this.#model = model;
  }
}
