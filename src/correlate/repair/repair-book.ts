import { ImportedPast } from './imported-past.js';
import { type PackedPast, packPast, unpackPast } from './pack-past.js';
import type { PastRepair, RepairSubject } from './past-repair.js';
import {
  fitSample,
  type RepairFit,
  type RepairFitter,
  type RepairSample,
  unhurriedFitter,
} from './ports.js';
import { estimateRepair, type RepairEstimate, type RepairModel } from './repair-model.js';

/**
 * A model is taken over so long after it was begun, in network time: enough for a thread to learn
 * it from the most incidents that can be kept.
 */
const LEARNING_MS = 600_000;

/** The part of `rules/correlation.yaml` that governs learning. */
export interface RepairRules {
  readonly minPast: number;
  readonly keepPast: number;
  readonly refitSeconds: number;
  readonly band: number;
}

/** The book as plain JSON; imported incidents and a model being learnt are absent where none are. */
export interface StoredRepairs {
  readonly past: PackedPast;
  readonly newEnds: number;
  readonly fittedMs: number | null;
  readonly model: RepairModel | null;
  readonly imported?: { readonly ids: readonly string[]; readonly past: PackedPast };
  readonly learning?: { readonly dueMs: number; readonly sample: RepairSample };
}

/** An estimate and how many past incidents it rests on. */
export interface Foretold extends RepairEstimate {
  readonly basedOn: number;
}

interface Learning {
  readonly dueMs: number;
  readonly sample: RepairSample;
  readonly fit: RepairFit;
}

/** Remembers past incidents and foretells from them; time only as an argument. */
export class RepairBook {
  readonly #rules: RepairRules;
  readonly #fitter: RepairFitter;
  #past: PastRepair[] = [];
  #imported = new ImportedPast();
  #newEnds = 0;
  #fittedMs = Number.NEGATIVE_INFINITY;
  #model: RepairModel | null = null;
  #learning: Learning | null = null;

  constructor(rules: RepairRules, fitter: RepairFitter = unhurriedFitter) {
    this.#rules = rules;
    this.#fitter = fitter;
  }

  /** Adds an incident that ended; the oldest one beyond `keepPast` is forgotten. */
  add(past: PastRepair): void {
    this.#past.push(past);
    this.#newEnds++;
    if (this.#past.length > this.#rules.keepPast) this.#past.shift();
  }

  /**
   * Takes an incident of the past from outside, in place of what was known by its id; it is learnt
   * from with the next decision. Imported ones beyond `keepPast` are forgotten, oldest first.
   * @param past undefined: it is taken out
   */
  learn(id: string, past: PastRepair | undefined): void {
    this.#imported.put(id, past);
    if (this.#imported.size > 2 * this.#rules.keepPast) this.#trim();
    this.#newEnds++;
    this.#fittedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Takes over what was learnt, and begins to learn anew when that is due.
   * @param running incidents not yet added: they count for as long as they have lasted
   */
  refit(running: () => readonly PastRepair[], nowMs: number): void {
    this.#takeOver(nowMs);
    const { minPast, refitSeconds } = this.#rules;
    if (this.#learning !== null || this.#newEnds === 0) return;
    this.#trim();
    if (this.#past.length + this.#imported.size < minPast) return;
    if (nowMs - this.#fittedMs < refitSeconds * 1000) return;
    const past = [...this.#imported.withCompany(), ...this.#past, ...running()];
    this.#begin(nowMs + LEARNING_MS, { past: packPast(past), minEnds: minPast, asOfMs: nowMs });
    this.#newEnds = 0;
    this.#fittedMs = nowMs;
  }

  /** When what is being learnt is taken over; epoch ms, Infinity when nothing is. */
  nextMs(): number {
    return this.#learning?.dueMs ?? Number.POSITIVE_INFINITY;
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
    this.#trim();
    const { ids, past } = this.#imported.stored();
    const { dueMs, sample } = this.#learning ?? {};
    return {
      past: packPast(this.#past),
      newEnds: this.#newEnds,
      fittedMs: Number.isFinite(this.#fittedMs) ? this.#fittedMs : null,
      model: this.#model,
      ...(ids.length === 0 ? {} : { imported: { ids, past: packPast(past) } }),
      ...(dueMs === undefined || sample === undefined ? {} : { learning: { dueMs, sample } }),
    };
  }

  /** Puts a stored state back; what was being learnt is begun again. */
  restore({ past, newEnds, fittedMs, model, imported, learning }: StoredRepairs): void {
    this.#past = unpackPast(past);
    this.#newEnds = newEnds;
    this.#fittedMs = fittedMs ?? Number.NEGATIVE_INFINITY;
    this.#model = model;
    this.#imported = new ImportedPast();
    const given = imported === undefined ? [] : unpackPast(imported.past);
    for (const [i, each] of given.entries()) this.#imported.put(imported?.ids[i] ?? '', each);
    this.#learning = null;
    if (learning !== undefined) this.#begin(learning.dueMs, learning.sample);
  }

  #begin(dueMs: number, sample: RepairSample): void {
    this.#learning = { dueMs, sample, fit: this.#fitter.begin(sample) };
  }

  #takeOver(nowMs: number): void {
    const learning = this.#learning;
    if (learning === null || nowMs < learning.dueMs) return;
    const { result } = learning.fit;
    this.#model = result === undefined ? fitSample(learning.sample) : result;
    this.#learning = null;
  }

  #trim(): void {
    this.#imported.keepLatest(this.#rules.keepPast - this.#past.length);
  }
}
