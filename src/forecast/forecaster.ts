import type { CallInterval } from '../domain/facts.js';
import type { IntervalForecast } from '../domain/interval-forecast.js';
import type { PastIncident } from '../domain/past-incident.js';
import { composeForecast } from './compose.js';
import type { ForecastBasis, IncidentBasis, QueueBasis } from './forecast-basis.js';
import { LocalTime } from './local-time.js';
import { LEVELS } from './ordinary/levels.js';
import type { Learning } from './ordinary/pattern-schedule.js';
import type { KeptPattern, LearntPattern, PatternTurn } from './ordinary/pattern-version.js';
import type { PastCalls } from './past-calls.js';
import { QueueCalls } from './queue-calls.js';
import { type ForecastRules, staffingOf } from './rules.js';
import { type RosterInterval, RosterTable } from './staffing/roster.js';
import type { IncidentLoad } from './surge/incident-load.js';
import { lessonOf } from './surge/lesson-of.js';
import { type ExtraCalls, lessonOfPast } from './surge/past-lesson.js';
import { excessAbandoned } from './surge/queue-look.js';
import { IncidentJudge } from './surge/surge-model.js';
import type { SurgeLesson } from './surge/surge-prior.js';

const MINUTE_MS = 60_000;
/** Calls older than this say nothing more of an incident that runs. */
const LOOK_BACK_MS = 6 * 60 * MINUTE_MS;
/** What an incident teaches is learnt so long after its end: its after-wave is over. */
export const LESSON_AFTER_MS = 120 * MINUTE_MS;
/** Calls that gave up longer ago have tried again, or will not. */
const REDIAL_MS = 45 * MINUTE_MS;

/** Patterns that may be learnt at the same time, however few queues there are. */
const FEWEST_BEGUN = 6;
/** Forecasts between the time at which learning begins and the take-over, with some to spare. */
const NIGHT_FORECASTS = 12;

/** A forecast with what it was made of and what was learnt on the way. */
export interface Forecast {
  readonly intervals: readonly IntervalForecast[];
  readonly basis: ForecastBasis;
  /** of incidents that taught something since the last forecast */
  readonly lessons: readonly SurgeLesson[];
  /** ordinary patterns that were taken over with it */
  readonly patterns: readonly LearntPattern[];
}

/**
 * Ordinary calls of every queue plus what each incident adds, with agents. Holds the call history
 * and the lessons of past incidents that it is given. Deterministic.
 */
export class Forecaster {
  readonly #rules: ForecastRules;
  readonly #local: LocalTime;
  readonly #learning: Learning;
  readonly #queues = new Map<string, QueueCalls>();
  readonly #lessons = new Map<string, SurgeLesson>();
  /** calls of past incidents by queue and start of interval */
  readonly #explained = new Map<string, Map<number, number>>();

  /**
   * @param learning how ordinary patterns are learnt; default on the spot, without holidays
   * @throws RangeError when `rules.zone` is no IANA zone
   */
  constructor(rules: ForecastRules, learning: Learning = {}) {
    this.#rules = rules;
    this.#learning = learning;
    this.#local = new LocalTime(rules.zone);
  }

  /**
   * Takes in call counts, history and new ones alike, areas of a queue summed. Each interval must
   * be given once; counts longer than the staffing interval are spread evenly over it.
   * @param sign -1 takes back counts that a later report replaces
   */
  observe(calls: readonly CallInterval[], sign: 1 | -1 = 1): void {
    for (const call of calls) this.#queue(call.queue).observe(call, sign);
  }

  /** Takes in days that are over for long, packed; each once, and none of it again as counts. */
  observePast(days: readonly PastCalls[]): void {
    for (const day of days) this.#queue(day.queue).observePast(day);
  }

  /** Takes in what past incidents taught; one that is known already is left as it is. */
  learn(lessons: readonly SurgeLesson[]): void {
    for (const lesson of lessons) {
      if (this.#lessons.has(lesson.incidentId)) continue;
      this.#lessons.set(lesson.incidentId, lesson);
      for (const { queue, calls } of lesson.explained) {
        const known = this.#explained.get(queue) ?? new Map<number, number>();
        this.#explained.set(queue, known);
        for (const [at, count] of calls) known.set(at, (known.get(at) ?? 0) + count);
      }
    }
  }

  /**
   * Takes in what imported incidents teach of how many call, after the history. Where one does not say
   * how many called, they are those beyond what was usual in all queues at that time.
   */
  learnPast(incidents: readonly PastIncident[]): void {
    const { surge } = this.#rules;
    const lessons = incidents.flatMap((past) => {
      const untilMs = Date.parse(past.endedBy ?? past.lastedUntil) + LESSON_AFTER_MS;
      const extra = this.#extraOf(past, untilMs);
      return lessonOfPast(past, extra, { rules: surge, local: this.#local, untilMs }) ?? [];
    });
    for (const { incidentId } of lessons) this.#lessons.delete(incidentId);
    this.learn(lessons);
  }

  #extraOf(past: PastIncident, untilMs: number): ExtraCalls | undefined {
    if (past.calls !== undefined) return { calls: past.calls, variance: Math.max(1, past.calls) };
    const known = [...this.#queues.values()].flatMap(
      (queue) => queue.extra(Date.parse(past.startedAt), untilMs) ?? [],
    );
    if (known.length === 0) return undefined;
    return known.reduce((sum, { calls, variance }) => ({
      calls: sum.calls + calls,
      variance: sum.variance + variance,
    }));
  }

  /** Takes in which patterns are kept, after the history and before the first forecast. */
  remember(kept: readonly KeptPattern[]): void {
    for (const { queue, newest, pinned } of kept) {
      this.#queues.get(queue)?.schedule.remember(newest);
      if (pinned) this.turn([{ queue, pinned }]);
    }
  }

  /** Puts queues back to earlier patterns, or forward to their newest. */
  turn(turns: readonly PatternTurn[]): void {
    for (const { queue, pinned } of turns) {
      const isUsable = pinned?.fit.intervalSeconds === this.#rules.intervalSeconds;
      this.#queues.get(queue)?.schedule.turn(isUsable ? pinned : undefined);
    }
  }

  /**
   * Begins to learn the patterns of queues that have none yet.
   * @returns whether a forecast can be made without waiting for one
   */
  prepare(nowMs: number): boolean {
    let isReady = true;
    for (const [name, queue] of this.#queues) {
      const known = this.#explained.get(name);
      const explained = (startMs: number) => known?.get(startMs) ?? 0;
      if (!queue.prepare(nowMs, explained, this.#mayBegin())) isReady = false;
    }
    return isReady;
  }

  /** All queues by name, intervals from the one `nowMs` lies in, rising. */
  forecast(
    nowMs: number,
    loads: readonly IncidentLoad[],
    roster: readonly RosterInterval[] = [],
  ): Forecast {
    const plainUntilMs = Math.min(...loads.map(({ startedAtMs }) => startedAtMs));
    const patterns: LearntPattern[] = [];
    for (const [name, queue] of this.#queues) {
      const known = this.#explained.get(name);
      const explained = (startMs: number) => known?.get(startMs) ?? 0;
      const taken = queue.fit(nowMs, explained, { plainUntilMs, mayBegin: this.#mayBegin() });
      if (taken) patterns.push({ queue: name, ...taken });
    }
    const lessons = this.#newLessons(nowMs, loads);
    this.learn(lessons);
    const basis = this.#basis(nowMs, loads, roster);
    return { intervals: composeForecast(basis, this.#rules), basis, lessons, patterns };
  }

  /** Handing a history over takes a moment: few at once, and all of them well before two at night. */
  #mayBegin(): boolean {
    let learning = 0;
    for (const { schedule } of this.#queues.values()) if (schedule.isLearning) learning++;
    return learning < Math.max(FEWEST_BEGUN, Math.ceil(this.#queues.size / NIGHT_FORECASTS));
  }

  #queue(name: string): QueueCalls {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new QueueCalls(this.#rules.intervalSeconds, this.#local, this.#learning);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #judge(
    loads: readonly IncidentLoad[],
    nowMs: number,
    time: { readonly lookFromMs: number; readonly fadesFromMs: number | null },
  ): IncidentJudge {
    const lessons = [...this.#lessons.values()];
    const frame = { rules: this.#rules, local: this.#local, queues: this.#queues, lessons, nowMs };
    return new IncidentJudge(loads, { ...frame, ...time });
  }

  #newLessons(nowMs: number, loads: readonly IncidentLoad[]): SurgeLesson[] {
    const isDue = ({ incidentId, endedAtMs }: IncidentLoad): boolean =>
      endedAtMs !== null && nowMs >= endedAtMs + LESSON_AFTER_MS && !this.#lessons.has(incidentId);
    if (!loads.some(isDue)) return [];
    const judge = this.#judge(loads, nowMs, {
      lookFromMs: Number.NEGATIVE_INFINITY,
      fadesFromMs: null,
    });
    const { intervalSeconds } = this.#rules;
    return judge.incidents
      .filter(({ load }) => isDue(load))
      .map((of) =>
        lessonOf(judge, of, { queues: this.#queues.keys(), intervalSeconds, untilMs: nowMs }),
      );
  }

  #basis(
    nowMs: number,
    loads: readonly IncidentLoad[],
    roster: readonly RosterInterval[],
  ): ForecastBasis {
    const { intervalSeconds, horizonHours } = this.#rules;
    const stepMs = intervalSeconds * 1000;
    const firstMs = Math.floor(nowMs / stepMs) * stepMs;
    const steps = Math.floor((horizonHours * 3600) / intervalSeconds);
    const starts = Array.from({ length: steps }, (_, step) => firstMs + step * stepMs);
    const rosters = new RosterTable(roster);
    const judge = this.#judge(loads, nowMs, {
      lookFromMs: nowMs - LOOK_BACK_MS,
      fadesFromMs: nowMs,
    });
    const incidents: IncidentBasis[] = judge.incidents.map(({ load, belief }) => ({
      load,
      belief,
    }));
    const queues = [...this.#queues]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, calls]) => this.#queueBasis({ name, calls, starts, rosters, nowMs, loads }));
    const issuedAtMs = nowMs;
    return { format: 2, issuedAtMs, firstMs, intervalSeconds, steps, queues, incidents };
  }

  #queueBasis(of: {
    readonly name: string;
    readonly calls: QueueCalls;
    readonly starts: readonly number[];
    readonly rosters: RosterTable;
    readonly nowMs: number;
    readonly loads: readonly IncidentLoad[];
  }): QueueBasis {
    const { name, calls, starts } = of;
    const ordinary = starts.map((startMs) => calls.ordinary(startMs));
    const ahtSeconds = calls.handleSeconds ?? staffingOf(this.#rules.staffing, name).ahtSeconds;
    return {
      queue: name,
      median: ordinary.map(({ median }) => median),
      quantiles: LEVELS.map((_, k) => ordinary.map(({ quantiles }) => quantiles[k] ?? 0)),
      isOpen: ordinary.map(({ isOpen }) => isOpen),
      ahtSeconds: Math.max(1, ahtSeconds),
      roster: starts.map((startMs) => of.rosters.at(name, startMs)),
      redialsDue: of.loads.length > 0 ? this.#redialsDue(calls, of.nowMs) : 0,
    };
  }

  /** Those who gave up in the newest interval that is known and will try again. */
  #redialsDue(calls: QueueCalls, nowMs: number): number {
    const known = calls.arrivals(nowMs - REDIAL_MS).filter((each) => each.abandoned !== undefined);
    const last = known.at(-1);
    if (!last) return 0;
    const stepMs = this.#rules.intervalSeconds * 1000;
    const endMs = last.startMs + last.intervalSeconds * 1000;
    const gaveUp = known
      .filter(({ startMs }) => startMs >= endMs - stepMs)
      .reduce((sum, each) => sum + excessAbandoned(each, calls), 0);
    return this.#rules.surge.redial * gaveUp;
  }
}
