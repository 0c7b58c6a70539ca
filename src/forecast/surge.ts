import type { SurgeRules } from './rules.js';

/** What people lost through one incident. Times are epoch ms of network time. */
export interface SurgeLoad {
  readonly incidentId: string;
  readonly startedAtMs: number;
  /** null while it lasts */
  readonly endedAtMs: number | null;
  readonly estimatedRepairAtMs: number | null;
  /** expected number of affected people */
  readonly affected: number;
  /** of these, how many have been told */
  readonly told: number;
  /** mean share of service lost, in [0,1] */
  readonly degree: number;
}

/** Share of callers who have called by then: gamma with shape 2, whose density peaks at `peak`. */
function calledBy(minutes: number, peak: number): number {
  if (minutes <= 0) return 0;
  if (minutes === Number.POSITIVE_INFINITY) return 1;
  const x = minutes / peak;
  return 1 - (1 + x) * Math.exp(-x);
}

/**
 * Calls expected from one incident between two moments: affected people times the share who call,
 * less what telling them takes away, spread over the time since onset; after the repair only the
 * after-wave. Calls ahead of now are counted as if the incident lasts until its estimated repair.
 *
 * @param fromMs and `toMs` bound the interval
 * @returns 0 or more
 */
export function surgeCalls(
  load: SurgeLoad,
  rules: SurgeRules,
  fromMs: number,
  toMs: number,
): number {
  const propensity =
    rules.propensityDegraded + (rules.propensityNone - rules.propensityDegraded) * load.degree;
  const callers =
    Math.max(0, load.affected - Math.min(load.affected, load.told) * rules.toldReduction) *
    propensity;
  const repairMs = load.endedAtMs ?? load.estimatedRepairAtMs ?? Number.POSITIVE_INFINITY;
  const minute = (ms: number): number => (ms - load.startedAtMs) / 60_000;
  const until = Math.min(toMs, repairMs);
  const during =
    until > fromMs
      ? calledBy(minute(until), rules.delayMinutes / 2) -
        calledBy(minute(fromMs), rules.delayMinutes / 2)
      : 0;
  return (
    callers *
    (during +
      afterWave(rules, repairMs, fromMs, toMs) * calledBy(minute(repairMs), rules.delayMinutes / 2))
  );
}

function afterWave(rules: SurgeRules, repairMs: number, fromMs: number, toMs: number): number {
  if (toMs <= repairMs) return 0;
  const left = (ms: number): number =>
    Math.exp(-Math.max(0, ms - repairMs) / 60_000 / rules.afterWaveMinutes);
  return rules.afterWave * (left(fromMs) - left(toMs));
}

/** What the calls that came say of the expected ones: a factor and how sure it is. */
export interface SurgeFactor {
  readonly mean: number;
  /** variance of the factor */
  readonly variance: number;
}

/**
 * Gamma–Poisson update of the surge: the factor has prior Gamma(s, s) with s calls of evidence;
 * observing `seen` calls beyond the ordinary where `expected` were due gives Gamma(s + seen, s +
 * expected). Source: Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.6.
 */
export function surgeFactor(seen: number, expected: number, priorStrength: number): SurgeFactor {
  const shape = priorStrength + Math.max(0, seen);
  const rate = priorStrength + Math.max(0, expected);
  return { mean: shape / rate, variance: shape / rate ** 2 };
}
