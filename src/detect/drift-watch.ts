import type { KpiPlan } from './kpi-plan.js';
import type { StateReader, StateWriter } from './state-codec.js';

/** Surprises that one reading in a hundred, and one in a thousand, should exceed. */
export const EXCEEDED = Math.log(100);
const FAR_EXCEEDED = Math.log(1000);
const NOMINAL = 0.01;
/** readings a KPI's tail must rest on before it is watched */
const SETTLED = 20_000;
/** exceedances that are expected of a day that says something; with fewer, days are joined */
const LEAST_EXPECTED = 20;
/** the sequential test: log2 of achieved over nominal, less what is let pass, summed to the limit */
const GREATEST_STEP = 3;
const LET_PASS = 0.5;
/** too few are let pass down to a quarter: what was raised is no longer counted as healthy */
const LET_PASS_LOW = 2;
const LIMIT = 3;
const MOST_GROUPS = 255;

/** How well calibrated the scores of one KPI are in one group of objects. */
export interface Calibration {
  readonly kpi: string;
  /** vendor of the objects; empty where it is not known */
  readonly vendor: string;
  /** shares of the last judged days' scores beyond what 1 % and 0.1 % should exceed */
  readonly beyondHundredth: number;
  readonly beyondThousandth: number;
  /** too many, or hardly any, for days on end */
  readonly isLost: boolean;
}

interface Watched {
  /** [beyond 1 %, beyond 0.1 %] of the last days that were judged */
  shares: [number, number];
  high: number;
  low: number;
  isLost: boolean;
}

/**
 * Watches whether scores mean what they say: the share of healthy readings beyond the nominal 1 %
 * and 0.1 %, by KPI and vendor. A day is one observation, since readings of a day are not
 * independent; days are judged by a cumulative sum in both directions (Page 1954), so that one odd
 * day is passed over, twice the nominal share takes six days and four times takes two.
 */
export class DriftWatch {
  /** group of each object */
  groupOf = new Uint8Array(0);
  readonly #plans: readonly KpiPlan[];
  readonly #groups: string[] = [''];
  /** by KPI, readings of today in each group, and those beyond */
  readonly #trials: Float64Array[];
  readonly #beyond: Float64Array[];
  readonly #far: Float64Array[];
  readonly #watched = new Map<string, Watched>();
  readonly #unwatched = new Float64Array(MOST_GROUPS + 1);

  constructor(plans: readonly KpiPlan[]) {
    this.#plans = plans;
    const perGroup = (): Float64Array => new Float64Array(MOST_GROUPS + 1);
    this.#trials = plans.map(perGroup);
    this.#beyond = plans.map(perGroup);
    this.#far = plans.map(perGroup);
  }

  /** Puts an object into the group of its vendor. */
  assign(object: number, vendor: string): void {
    if (object >= this.groupOf.length) {
      const wide = new Uint8Array(Math.max(64, 2 * this.groupOf.length, object + 1));
      wide.set(this.groupOf);
      this.groupOf = wide;
    }
    let group = this.#groups.indexOf(vendor);
    if (group < 0 && this.#groups.length <= MOST_GROUPS) group = this.#groups.push(vendor) - 1;
    this.groupOf[object] = Math.max(0, group);
  }

  /** Where ordinary readings of a KPI are counted, by group. @param settled readings of its tail */
  trialsOf(kpi: number, settled: number): Float64Array {
    return settled < SETTLED ? this.#unwatched : (this.#trials[kpi] ?? this.#unwatched);
  }

  /** Counts a healthy reading that was looked at. */
  add(kpi: number, object: number, surprise: number): void {
    const group = this.groupOf[object] ?? 0;
    const [trials, beyond, far] = [this.#trials[kpi], this.#beyond[kpi], this.#far[kpi]];
    if (!trials || !beyond || !far) return;
    trials[group] = (trials[group] ?? 0) + 1;
    if (surprise >= EXCEEDED) beyond[group] = (beyond[group] ?? 0) + 1;
    if (surprise >= FAR_EXCEEDED) far[group] = (far[group] ?? 0) + 1;
  }

  /** Judges the day that is over. */
  endDay(settled: (kpi: number) => number): void {
    for (const [kpi, plan] of this.#plans.entries()) {
      // time off air is a fact, whatever its score
      const isSettled = !plan.isAvailability && settled(kpi) >= SETTLED;
      for (const group of this.#groups.keys()) {
        const trials = this.#trials[kpi]?.[group] ?? 0;
        if (isSettled && trials * NOMINAL < LEAST_EXPECTED) continue;
        if (isSettled) this.#judge(kpi, group, trials);
        for (const counts of [this.#trials[kpi], this.#beyond[kpi], this.#far[kpi]]) {
          if (counts) counts[group] = 0;
        }
      }
    }
  }

  /** @returns what is watched so far, in order of KPI and vendor */
  calibration(): Calibration[] {
    const all: Calibration[] = [];
    for (const { name: kpi } of this.#plans) {
      for (const vendor of [...this.#groups].sort()) {
        const watched = this.#watched.get(keyOf(kpi, vendor));
        if (!watched) continue;
        const [beyondHundredth, beyondThousandth] = watched.shares;
        all.push({ kpi, vendor, beyondHundredth, beyondThousandth, isLost: watched.isLost });
      }
    }
    return all;
  }

  save(writer: StateWriter, name: string): void {
    const groups = this.#groups.length;
    const rows = (counts: readonly Float64Array[]) =>
      counts.map((row) => [...row.slice(0, groups)]);
    writer.json(`${name}.drift`, {
      groups: this.#groups,
      counts: [rows(this.#trials), rows(this.#beyond), rows(this.#far)],
      watched: [...this.#watched],
    });
  }

  /** Takes a stored state; today's counts only where the KPIs are the same. */
  load(reader: StateReader, name: string): void {
    if (!reader.has(`${name}.drift`)) return;
    const { groups, counts, watched } = reader.json<{
      groups: string[];
      counts: number[][][];
      watched: [string, Watched][];
    }>(`${name}.drift`);
    this.#groups.splice(0, this.#groups.length, ...groups);
    for (const [key, value] of watched) this.#watched.set(key, { ...value });
    for (const [i, target] of [this.#trials, this.#beyond, this.#far].entries()) {
      if (counts[i]?.length !== this.#plans.length) continue;
      for (const [kpi, row] of counts[i].entries()) target[kpi]?.set(row);
    }
  }

  #judge(kpi: number, group: number, trials: number): void {
    const key = keyOf(this.#plans[kpi]?.name ?? '', this.#groups[group] ?? '');
    const beyond = (this.#beyond[kpi]?.[group] ?? 0) / trials;
    const far = (this.#far[kpi]?.[group] ?? 0) / trials;
    const watched = this.#watched.get(key) ?? { shares: [0, 0], high: 0, low: 0, isLost: false };
    const raw = beyond > 0 ? Math.log2(beyond / NOMINAL) : -GREATEST_STEP;
    const step = Math.min(GREATEST_STEP, Math.max(-GREATEST_STEP, raw));
    watched.shares = [beyond, far];
    watched.high = Math.min(2 * LIMIT, Math.max(0, watched.high + step - LET_PASS));
    watched.low = Math.min(2 * LIMIT, Math.max(0, watched.low - step - LET_PASS_LOW));
    const most = Math.max(watched.high, watched.low);
    watched.isLost = most >= LIMIT || (watched.isLost && most > 0);
    this.#watched.set(key, watched);
  }
}

function keyOf(kpi: string, vendor: string): string {
  return JSON.stringify([kpi, vendor]);
}
