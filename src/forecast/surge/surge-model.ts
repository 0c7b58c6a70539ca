import type { LocalTime } from '../local-time.js';
import type { QueueCalls } from '../queue-calls.js';
import type { ForecastRules, SurgeRules } from '../rules.js';
import { type AreaView, areaViewOf, shareWithin } from './area-view.js';
import { CallClock } from './call-clock.js';
import { IncidentCurve } from './incident-curve.js';
import { type IncidentLoad, lostService } from './incident-load.js';
import { mergeSeen } from './merge-seen.js';
import { type Counted, lookAt } from './queue-look.js';
import { type IncidentRoutes, type OpenQueue, routesOf, sharesAt } from './queue-routes.js';
import type { RepairOutcome } from './repair-outcomes.js';
import { Stretches } from './stretches.js';
import {
  believe,
  evidenceOf,
  expectedOf,
  type HabitsEvidence,
  type Judgement,
  type SeenCalls,
  type SurgeBelief,
} from './surge-belief.js';
import { priorFrom, type SurgeLesson, type SurgePrior } from './surge-prior.js';

/** Rounds in which incidents that run at once are told apart. */
const ROUNDS = 2;
/** An incident is not looked for where less of its calls goes. */
const LEAST_SHARE = 1e-3;
/** Spread of calls that are due for other reasons than ordinary ones, against chance. */
const OTHERS_DISPERSION = 1.3;

/** What beliefs stand on. */
export interface SurgeFrame {
  readonly rules: ForecastRules;
  readonly local: LocalTime;
  readonly queues: ReadonlyMap<string, QueueCalls>;
  readonly lessons: readonly SurgeLesson[];
  readonly nowMs: number;
  /** calls that came before count for nothing, epoch ms */
  readonly lookFromMs: number;
  /** evidence fades with its age at that time; null: all of it counts alike */
  readonly fadesFromMs: number | null;
}

/** One incident with what its calls say of it. */
export interface JudgedIncident {
  readonly load: IncidentLoad;
  readonly curve: IncidentCurve;
  readonly clock: CallClock;
  readonly prior: SurgePrior;
  readonly routes: IncidentRoutes;
  /** it lasts, or has ended then */
  readonly outcome: RepairOutcome;
  belief: SurgeBelief;
  seen: readonly SeenCalls[];
}

/** A queue as the judge sees it. */
interface Desk {
  readonly name: string;
  readonly calls: QueueCalls;
  readonly counted: readonly Counted[];
  /** queues with the same stretches have the same text here */
  readonly timeline: string;
  /** first calls of all incidents in each of them, as now believed */
  readonly incidents: Float64Array;
  /** by incident: share of its calls that comes here, in each of them */
  readonly shares: Map<JudgedIncident, Float64Array>;
}

/**
 * What is believed of every incident from the calls so far. Incidents that run at once explain the
 * same calls together: each is judged with the others as last believed, oldest first, in two rounds.
 * It depends on nothing but its input, so that a restart changes nothing.
 */
export class IncidentJudge {
  readonly incidents: readonly JudgedIncident[];
  readonly #frame: SurgeFrame;
  readonly #desks: readonly Desk[];
  readonly #calls = new WeakMap<SurgeBelief, Map<string, Float64Array>>();
  readonly #open = new Map<number, readonly OpenQueue[]>();
  /** by incident and start of interval: shares by queue, in order of the frame's */
  readonly #shares = new Map<JudgedIncident, Map<number, readonly number[]>>();
  readonly #places: ReadonlyMap<string, number>;

  constructor(loads: readonly IncidentLoad[], frame: SurgeFrame) {
    this.#frame = frame;
    this.#places = new Map([...frame.queues.keys()].map((name, at) => [name, at]));
    this.incidents = begin(loads, frame);
    this.#desks = this.incidents.length === 0 ? [] : this.#sitDown();
    for (let round = 0; round < (loads.length > 1 ? ROUNDS : 1); round++) {
      for (const each of this.incidents) this.#judge(each);
    }
  }

  /** First calls of an incident in one queue between two moments of one interval, as believed. */
  callsIn(of: JudgedIncident, queue: string, fromMs: number, toMs: number): number {
    const share = this.#shareIn(of, queue, fromMs);
    return share === 0 ? 0 : share * this.callsOf(of, fromMs, toMs);
  }

  /** What an incident's calls say of habits, without what was expected before. */
  evidenceOf(of: JudgedIncident): HabitsEvidence {
    const { rules, fadesFromMs } = this.#frame;
    return evidenceOf(of.belief, judgementOf(of, rules.surge, fadesFromMs));
  }

  /** First calls of an incident in all queues, as believed. */
  callsOf(of: JudgedIncident, fromMs: number, toMs: number): number {
    return expectedCalls(of, [{ fromMs, toMs }], this.#frame.rules.surge)[0] ?? 0;
  }

  #sitDown(): Desk[] {
    const { queues, rules, lookFromMs } = this.#frame;
    const onset = Math.min(...this.incidents.map(({ load }) => load.startedAtMs));
    const habit = { redial: rules.surge.redial, redialMs: rules.intervalSeconds * 1000 };
    return [...queues].map(([name, calls]) => {
      const counted = lookAt(calls, Math.max(onset, lookFromMs), habit);
      const shares = new Map(
        this.incidents.map((of) => [
          of,
          Float64Array.from(counted, ({ fromMs }) => this.#shareIn(of, name, fromMs)),
        ]),
      );
      const timeline = counted.map(({ fromMs, toMs }) => `${fromMs} ${toMs}`).join();
      const incidents = new Float64Array(counted.length);
      const desk = { name, calls, counted, timeline, shares, incidents };
      for (const of of this.incidents) this.#add(desk, of, 1);
      return desk;
    });
  }

  /** Adds what is believed of an incident to a queue's calls, or takes it out. */
  #add(desk: Desk, of: JudgedIncident, sign: 1 | -1): void {
    const shares = desk.shares.get(of);
    const calls = this.#callsAt(of, desk);
    for (let k = 0; k < calls.length; k++) {
      const own = (shares?.[k] ?? 0) * (calls[k] ?? 0);
      desk.incidents[k] = (desk.incidents[k] ?? 0) + sign * own;
    }
  }

  /** First calls of an incident in a desk's stretches, all queues together. */
  #callsAt(of: JudgedIncident, { counted, timeline }: Desk): Float64Array {
    const known = this.#calls.get(of.belief) ?? new Map<string, Float64Array>();
    this.#calls.set(of.belief, known);
    let calls = known.get(timeline);
    if (!calls) {
      calls = expectedCalls(of, counted, this.#frame.rules.surge);
      known.set(timeline, calls);
    }
    return calls;
  }

  #judge(of: JudgedIncident): void {
    const { rules, fadesFromMs } = this.#frame;
    for (const desk of this.#desks) this.#add(desk, of, -1);
    of.seen = mergeSeen(this.#desks.flatMap((desk) => this.#look(of, desk)));
    const begin = of.belief.mean;
    of.belief = believe({ ...judgementOf(of, rules.surge, fadesFromMs), begin });
    for (const desk of this.#desks) this.#add(desk, of, 1);
  }

  #look(of: JudgedIncident, desk: Desk): SeenCalls[] {
    const shares = desk.shares.get(of);
    const view = areaViewOf(of.load, desk.calls);
    const others = view ? this.#othersWithin(of, desk, view) : desk.incidents;
    const part = view?.ordinary ?? 1;
    return desk.counted.flatMap((each, k) => {
      const share = shares?.[k] ?? 0;
      if (each.toMs <= of.load.startedAtMs || share < LEAST_SHARE) return [];
      const rest = Math.max(0, others[k] ?? 0) + (view?.own ?? 1) * each.redials;
      const mean = part * each.ordinary;
      const common = part ** 2 * (each.ordinaryVariance - each.ordinary);
      return {
        fromMs: each.fromMs,
        toMs: each.toMs,
        calls: view ? within(each.areas, view.areas) : each.calls,
        others: mean + rest,
        othersVariance: mean + common + OTHERS_DISPERSION * rest,
        share: share * (view?.own ?? 1),
      };
    });
  }

  #othersWithin(of: JudgedIncident, desk: Desk, view: AreaView): Float64Array {
    const sum = new Float64Array(desk.counted.length);
    for (const other of this.incidents) {
      if (other === of) continue;
      const own = shareWithin(other.load, desk.calls, view.areas);
      if (own === 0) continue;
      const shares = desk.shares.get(other);
      const calls = this.#callsAt(other, desk);
      for (let k = 0; k < sum.length; k++) {
        sum[k] = (sum[k] ?? 0) + own * (shares?.[k] ?? 0) * (calls[k] ?? 0);
      }
    }
    return sum;
  }

  #shareIn(of: JudgedIncident, queue: string, atMs: number): number {
    const stepMs = this.#frame.rules.intervalSeconds * 1000;
    const startMs = Math.floor(atMs / stepMs) * stepMs;
    const known = this.#shares.get(of) ?? new Map<number, readonly number[]>();
    this.#shares.set(of, known);
    let shares = known.get(startMs);
    if (!shares) {
      shares = sharesAt(of.routes, this.#openAt(startMs));
      known.set(startMs, shares);
    }
    return shares[this.#places.get(queue) ?? -1] ?? 0;
  }

  #openAt(startMs: number): readonly OpenQueue[] {
    const known = this.#open.get(startMs);
    if (known) return known;
    const open = [...this.#frame.queues].map(([queue, calls]) => {
      const { isOpen, median } = calls.ordinary(startMs);
      return { queue, isOpen, ordinary: median };
    });
    this.#open.set(startMs, open);
    return open;
  }
}

/** Calls of an incident in stretches of time, over all that is believed of it. */
function expectedCalls(
  of: JudgedIncident,
  stretches: readonly { readonly fromMs: number; readonly toMs: number }[],
  rules: SurgeRules,
): Float64Array {
  if (stretches.length === 0) return new Float64Array();
  const places = new Stretches(stretches, of.clock, rules, of.outcome);
  return expectedOf(of.belief, places.byPace(of.curve));
}

function within(areas: ReadonlyMap<string, number>, wanted: ReadonlySet<string>): number {
  let sum = 0;
  for (const [area, calls] of areas) if (wanted.has(area)) sum += calls;
  return Math.max(0, sum);
}

function begin(loads: readonly IncidentLoad[], frame: SurgeFrame): JudgedIncident[] {
  if (loads.length === 0) return [];
  const { rules, local, nowMs } = frame;
  const since = Math.min(...loads.map(({ startedAtMs }) => startedAtMs));
  const clock = new CallClock(rules.surge.hours, local, since, nowMs);
  const sorted = [...loads].sort((a, b) => a.startedAtMs - b.startedAtMs);
  const priors = new Map<string, SurgePrior>();
  return sorted.map((load) => {
    const service = lostService(load);
    const prior = priors.get(service) ?? priorFrom(frame.lessons, rules.surge, service);
    priors.set(service, prior);
    const begun = {
      load,
      clock,
      prior,
      curve: new IncidentCurve(load, rules.surge, clock),
      outcome: { atMs: load.endedAtMs ?? Number.POSITIVE_INFINITY, weight: 1 },
      routes: routesOf(load, rules.surge),
      seen: [],
    };
    return { ...begun, belief: believe(judgementOf(begun, rules.surge, null)) };
  });
}

/** What an incident is judged by. @param fadesFromMs as in the frame */
function judgementOf(
  of: Omit<JudgedIncident, 'belief'>,
  rules: SurgeRules,
  fadesFromMs: number | null,
): Judgement {
  const { prior, seen, curve } = of;
  const calls = new Stretches(seen, of.clock, rules, of.outcome).byPace(curve);
  return { prior, seen, calls, fadesFromMs };
}
