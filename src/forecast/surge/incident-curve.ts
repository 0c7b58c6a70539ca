import type { SurgeRules } from '../rules.js';
import { type CallClock, NODE_MS } from './call-clock.js';
import { calledBy } from './call-habits.js';
import { affectedOf, type IncidentLoad } from './incident-load.js';

/** A message in the IVR about an incident. */
export interface IvrMessage {
  readonly fromMs: number;
  /** exclusive; infinite: for good */
  readonly untilMs: number;
}

/** How the calls of an incident would go if exactly as many called as the rules say, all at one pace. */
export class IncidentCurve {
  readonly #load: IncidentLoad;
  readonly #clock: CallClock;
  /** what the hour, telling people and the IVR leave of the calls, by node */
  readonly #left: Float64Array;
  readonly #callers: number;
  readonly #cumulated = new Map<number, Float64Array>();

  constructor(
    load: IncidentLoad,
    rules: SurgeRules,
    clock: CallClock,
    ivr?: IvrMessage | undefined,
  ) {
    this.#load = load;
    this.#clock = clock;
    this.#left = leftOver(load, rules, clock, ivr);
    this.#callers = load.people.reduce(
      (sum, each) => sum + each.people * propensity(rules, each.segment, each.degree),
      0,
    );
  }

  /** People who would call if the incident lasted and nobody was told. */
  get callers(): number {
    return this.#callers;
  }

  /** People who would still call if it did not end then. */
  remaining(pace: number, endMs: number): number {
    if (!Number.isFinite(endMs)) return 0;
    const node = Math.round(this.#clock.place(endMs));
    const left = this.#load.cohorts.reduce(
      (sum, { sinceMs, share }) => sum + share * (1 - calledBy(pace, (endMs - sinceMs) / 60_000)),
      0,
    );
    return Math.max(0, this.#callers * left * (this.#left[node] ?? 1));
  }

  /** Calls until each node of the clock while the incident lasts; never falling. */
  series(pace: number): Float64Array {
    const known = this.#cumulated.get(pace);
    if (known) return known;
    const { readiness, firstMs } = this.#clock;
    const series = new Float64Array(readiness.length);
    const cohorts = this.#load.cohorts.map(({ sinceMs, share }) => ({
      since: (sinceMs - firstMs) / 60_000,
      first: Math.max(1, Math.floor((sinceMs - firstMs) / NODE_MS) + 1),
      callers: this.#callers * share,
    }));
    for (const { since, first, callers } of cohorts) {
      let before = 0;
      for (let node = first; node < series.length; node++) {
        const now = calledBy(pace, (node * NODE_MS) / 60_000 - since);
        const calls = callers * Math.max(0, now - before) * (this.#left[node] ?? 1);
        series[node] = (series[node] ?? 0) + calls;
        before = now;
        if (now > 0.99999) break;
      }
    }
    for (let node = 1; node < series.length; node++) {
      series[node] = (series[node] ?? 0) + (series[node - 1] ?? 0);
    }
    this.#cumulated.set(pace, series);
    return series;
  }
}

/** Share of people of a segment who call when they lose so much of their service. */
export function propensity(rules: SurgeRules, segment: string, degree: number): number {
  const { propensityNone, propensityDegraded, segments } = rules;
  const base = propensityDegraded + (propensityNone - propensityDegraded) * degree;
  const factor = Object.hasOwn(segments, segment) ? (segments[segment] ?? 1) : 1;
  return Math.min(1, base * factor);
}

function leftOver(
  load: IncidentLoad,
  rules: SurgeRules,
  clock: CallClock,
  ivr: IvrMessage | undefined,
): Float64Array {
  const affected = affectedOf(load);
  const reduction = load.toldReduction ?? rules.toldReduction;
  const left = new Float64Array(clock.readiness.length);
  let step = 0;
  let told = 0;
  for (let node = 0; node < left.length; node++) {
    const middleMs = clock.firstMs + (node - 0.5) * NODE_MS;
    for (; (load.told[step]?.atMs ?? Number.POSITIVE_INFINITY) <= middleMs; step++) {
      told = load.told[step]?.people ?? told;
    }
    const share = affected > 0 ? Math.min(1, told / affected) : 0;
    const isIvrOn = ivr !== undefined && middleMs >= ivr.fromMs && middleMs < ivr.untilMs;
    const kept = (1 - reduction * share) * (isIvrOn ? 1 - rules.ivrContained : 1);
    left[node] = kept * (clock.readiness[node] ?? 1);
  }
  return left;
}
