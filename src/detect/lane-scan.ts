import type { DetectEvent } from '../domain/anomaly.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import type { Season } from './calendar.js';
import type { KpiPlan } from './kpi-plan.js';
import { LaneEvents } from './lane-events.js';
import { LaneVerdicts } from './lane-verdicts.js';
import { LimitWatch } from './limit-watch.js';
import type { ObjectIndex } from './object-index.js';
import { type Judgement, ObjectJudge } from './object-judge.js';
import type { PendingPeriod } from './pending.js';
import { PeriodView } from './period-view.js';
import { Presence } from './presence.js';
import { Reading } from './reading.js';
import type { DetectionRules } from './rules.js';
import { SeriesJudge } from './series-judge.js';
import { PHASE, SeriesStore } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';

/** One period as it is released; `pending` is undefined when nobody reported. */
export interface Release {
  readonly period: number;
  readonly startMs: number;
  readonly season: Season;
  readonly pending: PendingPeriod | undefined;
}

interface ScanOptions {
  readonly spec: LaneSpec;
  readonly rules: DetectionRules;
  readonly plans: readonly KpiPlan[];
  readonly objects: ObjectIndex;
  readonly observer: PeriodObserver | undefined;
  /** whether reports of an object wait in a later period */
  readonly isAwaited: (object: number) => boolean;
}

/** Goes through the objects of a lane for one period after the other and judges what they report. */
export class LaneScan {
  readonly #spec: LaneSpec;
  readonly #rules: DetectionRules;
  readonly #plans: readonly KpiPlan[];
  readonly #objects: ObjectIndex;
  readonly #width: number;
  readonly #store = new SeriesStore();
  readonly #series: SeriesJudge;
  readonly #judge: ObjectJudge;
  readonly #readings: readonly Reading[];
  readonly #judgements: Judgement[];
  readonly #presence: Presence;
  readonly #limits: LimitWatch;
  readonly #events = new LaneEvents();
  readonly #verdicts: LaneVerdicts;
  readonly #view: PeriodView | undefined;
  readonly #isAwaited: (object: number) => boolean;

  constructor({ spec, rules, plans, objects, observer, isAwaited }: ScanOptions) {
    this.#isAwaited = isAwaited;
    this.#spec = spec;
    this.#rules = rules;
    this.#plans = plans;
    this.#objects = objects;
    this.#width = plans.length;
    this.#series = new SeriesJudge(this.#store, plans, spec.periodSeconds, rules);
    this.#judge = new ObjectJudge(this.#store, plans, spec.periodSeconds, rules);
    this.#readings = plans.map(() => new Reading());
    this.#judgements = plans.map(() => 'quiet');
    this.#presence = new Presence(spec.periodSeconds, rules.silence);
    this.#limits = new LimitWatch(spec.kpis, rules);
    this.#verdicts = new LaneVerdicts({
      spec,
      plans,
      store: this.#store,
      presence: this.#presence,
      events: this.#events,
      leastSilence: rules.silence.leastScore,
    });
    this.#view = observer ? new PeriodView(spec, observer) : undefined;
  }

  /** Judges one period; its events are appended to `out`. */
  release(release: Release, out: DetectEvent[]): void {
    const { period, season, pending } = release;
    const size = this.#objects.size;
    this.#store.reserve(size * this.#width);
    this.#presence.reserve(size);
    this.#judge.reserve(size);
    this.#series.idle.reserve(size);
    this.#judge.beginPeriod(period);
    this.#series.beginPeriod(period, season, this.#judge.calmBelow);
    this.#verdicts.beginPeriod(period);
    this.#view?.begin(size);
    for (let object = 0; object < size; object++) {
      const row = pending === undefined ? 0 : (pending.rowOf[object] ?? 0);
      if (row > 0 && pending !== undefined) this.#reported(object, row - 1, pending, release);
      else if (this.#presence.isKnown(object)) this.#missing(object, release);
    }
    this.#series.endPeriod();
    this.#judge.endPeriod();
    this.#presence.endPeriod();
    this.#events.drainTo(out);
    this.#view?.finish(release.startMs, this.#objects);
  }

  save(writer: StateWriter, name: string): void {
    this.#store.save(writer, `${name}.series`, this.#objects.size * this.#width);
    this.#series.save(writer, `${name}.pools`);
    this.#series.idle.save(writer, `${name}.objects`, this.#objects.size);
    this.#judge.save(writer, `${name}.objects`, this.#objects.size);
    this.#presence.save(writer, `${name}.presence`, this.#objects.size);
    writer.json(`${name}.limits`, this.#limits.toJson());
  }

  load(reader: StateReader, name: string, columns: readonly number[], storedWidth: number): void {
    this.#store.load(reader, `${name}.series`, columns, storedWidth);
    this.#series.load(reader, `${name}.pools`);
    this.#series.idle.load(reader, `${name}.objects`);
    this.#judge.load(reader, `${name}.objects`);
    this.#presence.load(reader, `${name}.presence`);
    const isSame = columns.length === storedWidth && columns.every((from, to) => from === to);
    if (isSame) this.#limits.load(reader.json(`${name}.limits`));
  }

  #reported(object: number, row: number, pending: PendingPeriod, release: Release): void {
    if (!this.#presence.isKnown(object)) this.#verdicts.observed(this.#objects.idOf(object));
    if (this.#presence.raisedAt(object) > 0) {
      this.#verdicts.silenceEnded(object, this.#objects.idOf(object));
    }
    this.#presence.report(object, release.period, release.season);
    const width = this.#width;
    let surplus = 0;
    for (let kpi = 0; kpi < width; kpi++) {
      const reading = this.#readings[kpi];
      if (!reading) continue;
      reading.clear();
      const x = pending.values[row * width + kpi] ?? Number.NaN;
      reading.x = x;
      const series = object * width + kpi;
      if (x !== x) {
        this.#store.previous[series] = 0;
        if ((this.#store.phase[series] ?? 0) >= PHASE.raised)
          this.#unreported(object, kpi, release);
        continue;
      }
      this.#series.step(series, kpi, pending.attempts[row * width + kpi] ?? Number.NaN, reading);
      if (reading.z > this.#rules.surplus.z)
        surplus = Math.max(surplus, this.#excess(kpi, reading));
      if (this.#limits.has(kpi)) this.#checkLimits(object, kpi, x, release);
    }
    if (this.#judge.judge(object, this.#readings, this.#judgements)) this.#tell(object);
    if (surplus > 0) this.#verdicts.surplus(this.#objects.idOf(object), surplus);
    if (this.#view) this.#show(object * width, this.#view);
  }

  #tell(object: number): void {
    const objectId = this.#objects.idOf(object);
    const boost = this.#judge.boost(object, this.#readings);
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const judgement = this.#judgements[kpi] ?? 'quiet';
      const reading = this.#readings[kpi];
      if (judgement === 'quiet' || !reading) continue;
      const series = object * this.#width + kpi;
      const nats = this.#judge.nats(object, series) * boost;
      this.#verdicts.judged(judgement, { series, kpi, objectId, reading, nats });
      if (judgement === 'accepted') this.#series.acceptShift(series);
      if (judgement === 'cleared' || judgement === 'accepted') this.#judge.settle(series);
    }
  }

  #checkLimits(object: number, kpi: number, x: number, release: Release): void {
    const series = object * this.#width + kpi;
    for (const change of this.#limits.check(series, kpi, release.period, x)) {
      this.#verdicts.limit(change, kpi, this.#objects.idOf(object), x);
    }
  }

  /** Observed over expected of traffic that is clearly above expectation, else 0. */
  #excess(kpi: number, reading: Reading): number {
    if (!reading.isPresent || !reading.isWarm || this.#plans[kpi]?.isTraffic !== true) return 0;
    const ratio = reading.expected > 0 ? reading.x / reading.expected : 0;
    return ratio >= this.#rules.surplus.ratio ? ratio : 0;
  }

  #show(base: number, view: PeriodView): void {
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const plan = this.#plans[kpi];
      const reading = this.#readings[kpi];
      if (plan && reading) view.set(base + kpi, plan, reading);
    }
  }

  /** A KPI under a verdict that is no longer reported at all is let go after the set time. */
  #unreported(object: number, kpi: number, release: Release): void {
    const series = object * this.#width + kpi;
    const waited = (release.period - (this.#store.lastBad[series] ?? 0)) * this.#spec.periodSeconds;
    if (waited < this.#rules.newLevelAfterHours * 3600) return;
    this.#verdicts.unreported(series, kpi, this.#objects.idOf(object));
    this.#judge.settle(series);
  }

  #missing(object: number, { period, season }: Release): void {
    const silence = this.#presence.miss(object, period, season);
    if (silence === 'none') return;
    const objectId = this.#objects.idOf(object);
    if (silence === 'forgotten') {
      this.#verdicts.forgotten(object, objectId);
      this.#forget(object);
      return;
    }
    this.#verdicts.silent(object, objectId);
    if (this.#view) this.#showExpected(object, this.#view);
  }

  /** What a silent object should have reported, for charts. */
  #showExpected(object: number, view: PeriodView): void {
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const reading = this.#readings[kpi];
      const plan = this.#plans[kpi];
      if (!reading || !plan) continue;
      reading.clear();
      reading.x = Number.NaN;
      const series = object * this.#width + kpi;
      if (this.#series.expect(series, kpi, reading)) view.set(series, plan, reading);
    }
  }

  #forget(object: number): void {
    for (let kpi = 0; kpi < this.#width; kpi++) this.#store.clear(object * this.#width + kpi);
    this.#presence.clear(object);
    this.#judge.clear(object);
    this.#series.idle.clear(object);
    if (!this.#isAwaited(object)) this.#objects.remove(object);
  }
}
