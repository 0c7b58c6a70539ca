import type { LaneKpi } from '../domain/lane.js';
import type { DetectionRules, HardLimit } from './rules.js';

/** A breach in progress; periods by number. */
interface Breach {
  readonly since: number;
  count: number;
  lastBad: number;
  isRaised: boolean;
}

/** What a reading did to a limit. */
export interface LimitChange {
  readonly type: 'raised' | 'cleared';
  readonly since: number;
  readonly lastBad: number;
  readonly limit: HardLimit;
}

/**
 * Hard limits of `rules/detection.yaml`. Only series in breach are held, so memory follows what is
 * wrong and not how many cells there are.
 */
export class LimitWatch {
  readonly #limits: readonly (readonly HardLimit[])[];
  /** whether there are limits at all */
  readonly hasAny: boolean;
  readonly #breaches = new Map<string, Breach>();

  constructor(kpis: readonly LaneKpi[], rules: DetectionRules) {
    this.#limits = kpis.map((kpi) => rules.limits.filter((limit) => limit.kpi === kpi.name));
    this.hasAny = this.#limits.some((limits) => limits.length > 0);
  }

  /** Whether this KPI has limits. */
  has(kpi: number): boolean {
    return (this.#limits[kpi]?.length ?? 0) > 0;
  }

  /** Checks one reading. @returns what began or ended, in the order of the rules */
  check(series: number, kpi: number, period: number, x: number): LimitChange[] {
    const changes: LimitChange[] = [];
    for (const [i, limit] of (this.#limits[kpi] ?? []).entries()) {
      const change = this.#checkOne(`${series}:${i}`, limit, period, x);
      if (change) changes.push(change);
    }
    return changes;
  }

  /** @returns state for a snapshot */
  toJson(): [string, Breach][] {
    return [...this.#breaches].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  load(state: [string, Breach][]): void {
    this.#breaches.clear();
    for (const [key, breach] of state) this.#breaches.set(key, { ...breach });
  }

  #checkOne(key: string, limit: HardLimit, period: number, x: number): LimitChange | undefined {
    const isBad =
      (limit.below !== undefined && x < limit.below) ||
      (limit.above !== undefined && x > limit.above);
    const known = this.#breaches.get(key);
    if (!isBad) {
      if (!known) return undefined;
      this.#breaches.delete(key);
      const { since, lastBad } = known;
      return known.isRaised ? { type: 'cleared', since, lastBad, limit } : undefined;
    }
    const breach = known ?? { since: period, count: 0, lastBad: period, isRaised: false };
    if (!known) this.#breaches.set(key, breach);
    breach.count++;
    breach.lastBad = period;
    if (breach.isRaised || breach.count < limit.periods) return undefined;
    breach.isRaised = true;
    return { type: 'raised', since: breach.since, lastBad: period, limit };
  }
}
