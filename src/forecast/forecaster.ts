import { IANAZone } from 'luxon';
import { probit } from 'simple-statistics';
import type { CallInterval } from '../domain/facts.js';
import type { IncidentPart, IntervalForecast } from '../domain/interval-forecast.js';
import { dayMatrix, type LocalCount } from './day-matrix.js';
import { LEVELS } from './ordinary/levels.js';
import { OrdinaryLearner } from './ordinary/ordinary-learner.js';
import { type DayForecast, OrdinaryPattern } from './ordinary/pattern.js';
import { type ForecastRules, staffingOf } from './rules.js';
import { type RosterInterval, rosterAt } from './staffing/roster.js';
import { staffInterval } from './staffing/staff-interval.js';
import { type SurgeFactor, type SurgeLoad, surgeCalls, surgeFactor } from './surge.js';

const DAY_MS = 86_400_000;
/** Calls of evidence that the expected surge is worth. */
const PRIOR_CALLS = 20;
/** Calls of an interval are taken to be complete this long after its end, as ACDs deliver them. */
const CALLS_LATENESS_MS = 600_000;

interface Queue {
  /** calls by start of the staffing interval, epoch ms, with the seconds covered so far */
  readonly counts: Map<number, { calls: number; coveredSeconds: number }>;
  pattern: OrdinaryPattern | undefined;
  /** local day the model has learnt up to, exclusive */
  fittedDay: number;
  readonly days: Map<number, DayForecast>;
  handleSeconds: number;
  handled: number;
}

/**
 * Ordinary calls of every queue plus what each incident adds, with agents. Holds the call history
 * it is given; fits each queue's pattern once per local day. Deterministic.
 */
export class Forecaster {
  readonly #rules: ForecastRules;
  readonly #zone: IANAZone;
  readonly #queues = new Map<string, Queue>();

  /** @throws RangeError when `rules.zone` is no IANA zone */
  constructor(rules: ForecastRules) {
    this.#rules = rules;
    this.#zone = IANAZone.create(rules.zone);
    if (!this.#zone.isValid)
      throw new RangeError(
        `zone "${rules.zone}" is unknown: allowed are IANA names such as Europe/Paris`,
      );
  }

  /**
   * Takes in call counts, history and new ones alike, areas of a queue summed. Each interval must
   * be given once; counts longer than the staffing interval are spread evenly over it.
   * @param sign -1 takes back counts that a later report replaces
   */
  observe(calls: readonly CallInterval[], sign: 1 | -1 = 1): void {
    const stepMs = this.#rules.intervalSeconds * 1000;
    for (const call of calls) {
      const queue = this.#queue(call.queue);
      const startMs = Date.parse(call.start);
      const parts = Math.max(1, Math.round(call.intervalSeconds / this.#rules.intervalSeconds));
      for (let part = 0; part < parts; part++) {
        const at = Math.floor((startMs + part * stepMs) / stepMs) * stepMs;
        const count = queue.counts.get(at) ?? { calls: 0, coveredSeconds: 0 };
        count.calls += (sign * call.offered) / parts;
        count.coveredSeconds += (sign * call.intervalSeconds) / parts;
        queue.counts.set(at, count);
      }
      if (sign > 0 && call.handleSeconds !== undefined && call.offered > 0)
        learnHandleTime(queue, call);
    }
  }

  /** All queues by name, intervals from the one `nowMs` lies in, rising. */
  forecast(
    nowMs: number,
    loads: readonly SurgeLoad[],
    roster: readonly RosterInterval[] = [],
  ): IntervalForecast[] {
    const stepMs = this.#rules.intervalSeconds * 1000;
    const firstMs = Math.floor(nowMs / stepMs) * stepMs;
    const steps = (this.#rules.horizonHours * 3_600_000) / stepMs;
    const result: IntervalForecast[] = [];
    for (const name of [...this.#queues.keys()].sort()) {
      const queue = this.#fitted(name, nowMs);
      const share = this.#surgeShare(name, nowMs);
      const factor = this.#factor(queue, nowMs, loads, share);
      for (let step = 0; step < steps; step++) {
        const startMs = firstMs + step * stepMs;
        const parts = loads.map((load) => ({
          incidentId: load.incidentId,
          calls: share * surgeCalls(load, this.#rules.surge, startMs, startMs + stepMs),
        }));
        const agents = rosterAt(roster, name, startMs);
        result.push(this.#interval({ name, queue, startMs, parts, factor, agents }));
      }
    }
    return result;
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = {
        counts: new Map(),
        pattern: undefined,
        fittedDay: Number.NEGATIVE_INFINITY,
        days: new Map(),
        handleSeconds: 0,
        handled: 0,
      };
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #localMs(atMs: number): number {
    return atMs + this.#zone.offset(atMs) * 60_000;
  }

  /** The queue with its pattern fitted to all days before today. */
  #fitted(name: string, nowMs: number): Queue {
    const queue = this.#queue(name);
    const today = Math.floor(this.#localMs(nowMs) / DAY_MS);
    if (queue.fittedDay === today) return queue;
    const counts: LocalCount[] = [];
    for (const [atMs, count] of queue.counts) {
      const localMs = this.#localMs(atMs);
      if (Math.floor(localMs / DAY_MS) >= today) continue;
      counts.push({ localSeconds: localMs / 1000, calls: count.calls });
    }
    const { intervalSeconds } = this.#rules;
    const history = dayMatrix(counts, intervalSeconds, intervalSeconds);
    queue.pattern = new OrdinaryPattern(OrdinaryLearner.of(history).pattern());
    queue.fittedDay = today;
    queue.days.clear();
    return queue;
  }

  #day(queue: Queue, dayNumber: number): DayForecast | undefined {
    const known = queue.days.get(dayNumber);
    if (known) return known;
    const day = queue.pattern?.day(dayNumber);
    if (day) queue.days.set(dayNumber, day);
    return day;
  }

  /** Ordinary median and quantiles of one interval; zeros where the queue is closed or unknown. */
  #ordinary(queue: Queue, startMs: number): { median: number; quantiles: number[] } {
    const localMs = this.#localMs(startMs);
    const dayNumber = Math.floor(localMs / DAY_MS);
    const column = Math.floor(
      (localMs - dayNumber * DAY_MS) / (this.#rules.intervalSeconds * 1000),
    );
    const day = this.#day(queue, dayNumber);
    const at = (row: Float64Array | undefined): number => row?.[column] || 0;
    return { median: at(day?.median), quantiles: LEVELS.map((_, k) => at(day?.quantiles[k])) };
  }

  #surge(loads: readonly SurgeLoad[], fromMs: number, toMs: number): number {
    return loads.reduce((sum, load) => sum + surgeCalls(load, this.#rules.surge, fromMs, toMs), 0);
  }

  /** The part of incident calls that goes to this queue. */
  #surgeShare(name: string, nowMs: number): number {
    let total = 0;
    let own = 0;
    for (const each of this.#queues.keys()) {
      const queue = this.#fitted(each, nowMs);
      const calls = this.#ordinary(queue, nowMs).median;
      total += calls;
      if (each === name) own = calls;
    }
    return total > 0 ? own / total : 1 / this.#queues.size;
  }

  /** What the calls since the first running incident say of the expected surge. */
  #factor(queue: Queue, nowMs: number, loads: readonly SurgeLoad[], share: number): SurgeFactor {
    const stepMs = this.#rules.intervalSeconds * 1000;
    const sinceMs = Math.min(...loads.map((load) => load.startedAtMs));
    let seen = 0;
    let expected = 0;
    if (Number.isFinite(sinceMs)) {
      const last = nowMs - stepMs - CALLS_LATENESS_MS;
      for (let at = Math.floor(sinceMs / stepMs) * stepMs; at <= last; at += stepMs) {
        const count = queue.counts.get(at);
        if (!count || count.coveredSeconds < this.#rules.intervalSeconds) continue;
        seen += count.calls - this.#ordinary(queue, at).median;
        expected += share * this.#surge(loads, at, at + stepMs);
      }
    }
    return surgeFactor(seen, expected, PRIOR_CALLS);
  }

  #interval(of: {
    readonly name: string;
    readonly queue: Queue;
    readonly startMs: number;
    readonly parts: readonly IncidentPart[];
    readonly factor: SurgeFactor;
    readonly agents: number | null;
  }): IntervalForecast {
    const { name, queue, startMs, factor } = of;
    const { median, quantiles } = this.#ordinary(queue, startMs);
    const expectedSurge = of.parts.reduce((sum, { calls }) => sum + calls, 0);
    const surge = expectedSurge * factor.mean;
    const spread = Math.sqrt(surge + expectedSurge ** 2 * factor.variance);
    let floor = 0;
    const total = LEVELS.map((level, k) => {
      const ordinary = (quantiles[k] ?? 0) - median;
      const side = level < 0.5 ? -1 : 1;
      const distance = Math.hypot(ordinary, probit(level) * spread);
      floor = Math.max(floor, median + surge + side * distance);
      return [String(level), floor] as const;
    });
    const { staffing, intervalSeconds } = this.#rules;
    const own = staffingOf(staffing, name);
    const ahtSeconds = queue.handled > 0 ? queue.handleSeconds : own.ahtSeconds;
    const load = {
      intervalSeconds,
      neededCalls: median + surge,
      rosterCalls: median + surge,
      ahtSeconds,
      roster: of.agents,
    };
    const { abandonment: _, ...staffed } = staffInterval(load, own, staffing.cost);
    return {
      queue: name,
      start: new Date(startMs).toISOString(),
      intervalSeconds,
      ordinary: median,
      surge,
      incidents: of.parts
        .map(({ incidentId, calls }) => ({ incidentId, calls: calls * factor.mean }))
        .filter(({ calls }) => calls > 0)
        .sort((a, b) => b.calls - a.calls || (a.incidentId < b.incidentId ? -1 : 1)),
      redials: 0,
      quantiles: Object.fromEntries(total),
      ahtSeconds,
      ...staffed,
    };
  }
}

/** Mean handle time, weighted by calls; the weight of the past is capped so that it can drift. */
function learnHandleTime(queue: Queue, call: CallInterval): void {
  queue.handled = Math.min(20_000, queue.handled + call.offered);
  const step = Math.min(1, call.offered / queue.handled);
  queue.handleSeconds += step * ((call.handleSeconds ?? 0) - queue.handleSeconds);
}
