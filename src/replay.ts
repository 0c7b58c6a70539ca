import type { Alarm } from './domain/alarm.js';
import type { DetectEvent } from './domain/anomaly.js';
import { type CountInterval, countsOfCalls } from './domain/count-interval.js';
import { detectActOf } from './domain/detect-act.js';
import type { Fact, OperatorAct } from './domain/facts.js';
import type { IncidentChange, TelemetryGap } from './domain/incident.js';
import type { LaneSpec } from './domain/lane.js';
import type { Ticket } from './domain/ticket.js';
import type { CorrelateStage, DetectStage, IngestCounts } from './pipeline.js';
import { ReportQueue } from './replay-queue.js';

/** The stages history goes through, in their first state or restored. */
export interface ReplayStages {
  readonly detect: DetectStage;
  readonly correlate: CorrelateStage;
}

/** One moment of network time at which the stages decided. */
export interface ReplayStep {
  readonly nowMs: number;
  readonly events: readonly DetectEvent[];
  readonly changes: readonly IncidentChange[];
  readonly gaps: readonly TelemetryGap[];
}

/** How far a replay is; `untilMs` is the latest event time known so far. */
export interface ReplayProgress {
  readonly fromMs: number;
  readonly nowMs: number;
  readonly untilMs: number;
}

export interface ReplayOptions {
  /** the lanes of the detect stage: their periods and lateness say when network time moves */
  readonly lanes: readonly LaneSpec[];
  /**
   * Facts come in order of event time (a period's reports may be in any order): each period is
   * judged as soon as a later one begins, and nothing is kept. Otherwise all facts are gathered
   * before the first period is judged.
   */
  readonly isSorted?: boolean;
  /** only these KPIs of a feed count as samples; default all */
  readonly countedKpis?: ReadonlySet<string>;
  /** told of every step that brought something */
  readonly onStep?: (step: ReplayStep) => void;
  /** told after every step */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** What went in. Times are epoch ms, NaN when there was nothing. */
export interface ReplayTotals extends IngestCounts {
  samples: number;
  /** start of the first period, or time of the first alarm */
  fromMs: number;
  /** end of the last period, or time of the last alarm */
  toMs: number;
}

const STEP_MS = 60_000;
const ALARM_STEP_MS = 5_000;
const ALARM_WATCH_MS = 120_000;
const AFTERMATH_MS = 6 * 3_600_000;
/** Counts are judged within minutes of their interval's end. */
const COUNT_WATCH_MS = 600_000;

/**
 * Runs history through detection and correlation in event time: deterministic, no clock, no
 * effects. Network time stands at every period's end plus lateness, every minute while something
 * is going on, and every five seconds for two minutes after an alarm.
 *
 * @param facts presence and calls of no area are passed over; ticks too, since time is made here
 */
export async function replay(
  facts: AsyncIterable<Fact> | Iterable<Fact>,
  stages: ReplayStages,
  options: ReplayOptions,
): Promise<ReplayTotals> {
  const run = new ReplayRun(stages, options);
  for await (const fact of facts) {
    const startMs = run.take(fact);
    if (options.isSorted === true && startMs === startMs) run.advanceTo(startMs);
  }
  run.finish();
  return run.totals;
}

/** Something that happens at one moment between periods. */
interface Moment {
  readonly atMs: number;
  readonly alarm?: Alarm;
  readonly act?: OperatorAct;
  readonly ticket?: Ticket;
  readonly count?: CountInterval;
}

class ReplayRun {
  readonly #stages: ReplayStages;
  readonly #options: ReplayOptions;
  readonly #queues: ReadonlyMap<string, ReportQueue>;
  readonly #counts: IngestCounts = { accepted: 0, duplicates: 0, conflicts: 0, late: 0 };
  #moments: Moment[] = [];
  #momentAt = 0;
  #isOrdered = true;
  #fromMs = Number.NaN;
  #toMs = Number.NaN;
  #nowMs = Number.NaN;
  #watchUntilMs = Number.NEGATIVE_INFINITY;
  #busyUntilMs = Number.NEGATIVE_INFINITY;

  constructor(stages: ReplayStages, options: ReplayOptions) {
    this.#stages = stages;
    this.#options = options;
    this.#queues = new Map(
      options.lanes.map(({ feed, periodSeconds }) => [
        feed,
        new ReportQueue(periodSeconds, options.countedKpis),
      ]),
    );
  }

  get totals(): ReplayTotals {
    let samples = 0;
    for (const queue of this.#queues.values()) samples += queue.samples;
    return { ...this.#counts, samples, fromMs: this.#fromMs, toMs: this.#toMs };
  }

  /** Puts a fact in its place. @returns earliest event time in it, NaN when it has none */
  take(fact: Fact): number {
    if (fact.kind === 'alarms') return this.#takeMoments(fact.items.flatMap(alarmMoments));
    if (fact.kind === 'acts') {
      return this.#takeMoments(fact.items.map((act) => ({ atMs: Date.parse(act.at), act })));
    }
    if (fact.kind === 'tickets') {
      return this.#takeMoments(
        fact.items.map((ticket) => ({ atMs: Date.parse(ticket.saidAt), ticket })),
      );
    }
    if (fact.kind === 'counts') return this.#takeMoments(fact.items.map(countMoment));
    if (fact.kind === 'calls') return this.#takeMoments(countsOfCalls(fact.items).map(countMoment));
    if (fact.kind === 'pastCounts') this.#stages.correlate.pastCounts(fact.items);
    if (fact.kind === 'pastIncidents') this.#stages.correlate.pastIncidents(fact.items);
    if (fact.kind !== 'reports') return Number.NaN;
    const queue = this.#queues.get(fact.block.feed);
    if (!queue) return Number.NaN;
    const leastMs = queue.add(fact.block);
    this.#span(queue.firstMs, queue.lastMs + fact.block.periodSeconds * 1000);
    return leastMs;
  }

  /** Moves network time up to a moment before which no more facts will come. */
  advanceTo(untilMs: number): void {
    if (this.#nowMs !== this.#nowMs) this.#nowMs = this.#fromMs - 1;
    this.#orderMoments();
    for (;;) {
      const nextMs = this.#nextMs();
      if (!(nextMs <= untilMs)) return;
      this.#handOver(nextMs);
      this.#decide(nextMs);
    }
  }

  /** Judges everything that is left: up to the last period's end plus lateness, or the last alarm. */
  finish(): void {
    this.#orderMoments();
    let untilMs = (this.#moments.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) + ALARM_WATCH_MS;
    for (const { feed, periodSeconds, latenessSeconds } of this.#options.lanes) {
      const lastMs = this.#queues.get(feed)?.lastMs ?? Number.NaN;
      const endMs = lastMs + (periodSeconds + latenessSeconds) * 1000;
      if (endMs > untilMs) untilMs = endMs;
    }
    if (Number.isFinite(untilMs)) this.advanceTo(untilMs);
  }

  #takeMoments(moments: readonly Moment[]): number {
    let leastMs = Number.NaN;
    for (const moment of moments) {
      if (!Number.isFinite(moment.atMs)) continue;
      if (!(moment.atMs >= leastMs)) leastMs = moment.atMs;
      const last = this.#moments.at(-1);
      if (last && last.atMs > moment.atMs) this.#isOrdered = false;
      this.#moments.push(moment);
      this.#span(moment.atMs, moment.atMs);
    }
    return leastMs;
  }

  #span(fromMs: number, toMs: number): void {
    if (!(fromMs >= this.#fromMs)) this.#fromMs = fromMs;
    if (!(toMs <= this.#toMs)) this.#toMs = toMs;
  }

  #orderMoments(): void {
    if (this.#momentAt > 0) this.#moments = this.#moments.slice(this.#momentAt);
    this.#momentAt = 0;
    if (!this.#isOrdered) this.#moments.sort((a, b) => a.atMs - b.atMs);
    this.#isOrdered = true;
  }

  /** When network time stands still next: strictly after now. */
  #nextMs(): number {
    const now = this.#nowMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { periodSeconds, latenessSeconds } of this.#options.lanes) {
      const periodMs = periodSeconds * 1000;
      const offsetMs = latenessSeconds * 1000;
      const dueMs = (Math.floor((now - offsetMs) / periodMs) + 1) * periodMs + offsetMs;
      nextMs = Math.min(nextMs, dueMs);
    }
    const moment = this.#moments[this.#momentAt];
    if (moment) nextMs = Math.min(nextMs, Math.max(now + 1, moment.atMs));
    if (now < this.#watchUntilMs) nextMs = Math.min(nextMs, after(now, ALARM_STEP_MS));
    else if (now < this.#busyUntilMs) nextMs = Math.min(nextMs, after(now, STEP_MS));
    return nextMs;
  }

  /** Gives the stages what belongs before `nowMs`. */
  #handOver(nowMs: number): void {
    for (const queue of this.#queues.values()) {
      for (let block = queue.next(nowMs); block; block = queue.next(nowMs)) {
        const counts = this.#stages.detect.ingest(block);
        this.#counts.accepted += counts.accepted;
        this.#counts.duplicates += counts.duplicates;
        this.#counts.conflicts += counts.conflicts;
        this.#counts.late += counts.late;
      }
    }
    for (;;) {
      const moment = this.#moments[this.#momentAt];
      if (!moment || moment.atMs > nowMs) return;
      this.#momentAt++;
      if (moment.alarm) this.#stages.correlate.alarms([moment.alarm]);
      if (moment.ticket) this.#stages.correlate.tickets([moment.ticket]);
      if (moment.count) {
        this.#stages.correlate.counts([moment.count]);
        this.#busyUntilMs = Math.max(this.#busyUntilMs, moment.atMs + COUNT_WATCH_MS);
        continue;
      }
      if (moment.act) {
        this.#stages.correlate.acts([moment.act]);
        const act = detectActOf(moment.act);
        if (act) this.#stages.detect.act([act]);
      }
      this.#watchUntilMs = moment.atMs + ALARM_WATCH_MS;
      this.#busyUntilMs = Math.max(this.#busyUntilMs, moment.atMs + AFTERMATH_MS);
    }
  }

  #decide(nowMs: number): void {
    this.#nowMs = nowMs;
    const events = this.#stages.detect.advance(nowMs);
    if (events.length > 0) this.#stages.correlate.detected(events);
    const { changes, gaps } = this.#stages.correlate.advance(nowMs);
    if (changes.length > 0 || events.some((event) => event.type !== 'observed')) {
      this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs + AFTERMATH_MS);
    }
    if (events.length > 0 || changes.length > 0 || gaps.length > 0) {
      this.#options.onStep?.({ nowMs, events, changes, gaps });
    }
    this.#options.onProgress?.({
      fromMs: this.#fromMs,
      nowMs,
      untilMs: this.#toMs,
    });
  }
}

function after(nowMs: number, stepMs: number): number {
  return (Math.floor(nowMs / stepMs) + 1) * stepMs;
}

/** Counts are known when their interval is over. */
function countMoment(count: CountInterval): Moment {
  return { atMs: Date.parse(count.start) + count.intervalSeconds * 1000, count };
}

/** An alarm is known when it is raised, its clearing when it is cleared. */
function alarmMoments(alarm: Alarm): Moment[] {
  const { alarmClearedTime } = alarm;
  const raisedMs = Date.parse(alarm.alarmRaisedTime);
  if (alarmClearedTime === undefined) return [{ atMs: raisedMs, alarm }];
  const clearing: Alarm = { ...alarm, perceivedSeverity: 'cleared' };
  const cleared = { atMs: Date.parse(alarmClearedTime), alarm: clearing };
  if (alarm.perceivedSeverity === 'cleared') return [cleared];
  const { alarmClearedTime: _cleared, ...raising } = alarm;
  return [{ atMs: raisedMs, alarm: raising }, cleared];
}
