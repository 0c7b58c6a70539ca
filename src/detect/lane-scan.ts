import type { DetectEvent } from '../domain/anomaly.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import type { Season } from './calendar.js';
import { inverse, type KpiPlan } from './kpi-plan.js';
import { LaneEvents } from './lane-events.js';
import { LaneVerdicts } from './lane-verdicts.js';
import { LimitWatch } from './limit-watch.js';
import type { ObjectIndex } from './object-index.js';
import type { PendingPeriod } from './pending.js';
import { PeriodView } from './period-view.js';
import { Presence } from './presence.js';
import type { DetectionRules } from './rules.js';
import { type Judgement, SeriesJudge } from './series-judge.js';
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
  readonly #judge: SeriesJudge;
  readonly #presence: Presence;
  readonly #limits: LimitWatch;
  readonly #events = new LaneEvents();
  readonly #verdicts: LaneVerdicts;
  readonly #view: PeriodView | undefined;
  readonly #isAwaited: (object: number) => boolean;
  #surplus = 0;

  constructor({ spec, rules, plans, objects, observer, isAwaited }: ScanOptions) {
    this.#isAwaited = isAwaited;
    this.#spec = spec;
    this.#rules = rules;
    this.#plans = plans;
    this.#objects = objects;
    this.#width = plans.length;
    this.#judge = new SeriesJudge(this.#store, plans, spec.periodSeconds, rules);
    this.#presence = new Presence(spec.periodSeconds, rules.silence);
    this.#limits = new LimitWatch(spec.kpis, rules);
    this.#verdicts = new LaneVerdicts({
      spec,
      plans,
      store: this.#store,
      judge: this.#judge,
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
    this.#judge.beginPeriod(period, season);
    this.#verdicts.beginPeriod(period);
    this.#view?.begin(size);
    for (let object = 0; object < size; object++) {
      const row = pending === undefined ? 0 : (pending.rowOf[object] ?? 0);
      if (row > 0 && pending !== undefined) this.#reported(object, row - 1, pending, release);
      else if (this.#presence.isKnown(object)) this.#missing(object, release);
    }
    this.#judge.endPeriod();
    this.#presence.endPeriod();
    this.#events.drainTo(out);
    this.#view?.finish(release.startMs, this.#objects);
  }

  save(writer: StateWriter, name: string): void {
    this.#store.save(writer, `${name}.series`, this.#objects.size * this.#width);
    this.#judge.save(writer, `${name}.pools`);
    this.#presence.save(writer, `${name}.presence`, this.#objects.size);
    writer.json(`${name}.limits`, this.#limits.toJson());
  }

  load(reader: StateReader, name: string, columns: readonly number[], storedWidth: number): void {
    this.#store.load(reader, `${name}.series`, columns, storedWidth);
    this.#judge.load(reader, `${name}.pools`);
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
    this.#surplus = 0;
    const width = this.#width;
    for (let kpi = 0; kpi < width; kpi++) {
      const x = pending.values[row * width + kpi] ?? Number.NaN;
      const series = object * width + kpi;
      if (x !== x) {
        if ((this.#store.phase[series] ?? 0) >= PHASE.raised)
          this.#unreported(object, kpi, release);
        continue;
      }
      const attempts = pending.attempts[row * width + kpi] ?? Number.NaN;
      const judgement = this.#judge.step(series, kpi, x, attempts);
      if (judgement !== 'quiet') this.#tell(judgement, object, kpi, x);
      if (this.#limits.has(kpi)) this.#checkLimits(object, kpi, x, release);
      this.#noteSurplus(kpi, x);
      if (this.#view) this.#show(this.#view, series, kpi, x);
    }
    if (this.#surplus > 0) this.#verdicts.surplus(this.#objects.idOf(object), this.#surplus);
  }

  #tell(judgement: Judgement, object: number, kpi: number, x: number): void {
    this.#verdicts.judged(judgement, { object, kpi, objectId: this.#objects.idOf(object), x });
    if (judgement === 'cleared' || judgement === 'accepted') {
      this.#judge.settle(object * this.#width + kpi);
    }
  }

  #checkLimits(object: number, kpi: number, x: number, release: Release): void {
    const series = object * this.#width + kpi;
    for (const change of this.#limits.check(series, kpi, release.period, x)) {
      this.#verdicts.limit(change, kpi, this.#objects.idOf(object), x);
    }
  }

  #noteSurplus(kpi: number, x: number): void {
    const reading = this.#judge.reading;
    if (!reading.isWarm || reading.z < this.#rules.surplus.z) return;
    if (this.#plans[kpi]?.isTraffic !== true || reading.expected <= 0) return;
    const ratio = x / reading.expected;
    if (ratio >= this.#rules.surplus.ratio && ratio > this.#surplus) this.#surplus = ratio;
  }

  #show(view: PeriodView, series: number, kpi: number, x: number): void {
    const plan = this.#plans[kpi];
    if (!plan) return;
    if (!this.#judge.reading.isWarm) {
      view.set(series, x, Number.NaN, { lo: Number.NaN, hi: Number.NaN });
      return;
    }
    const { mean, sd, unit } = this.#judge.model.expected;
    const lo = inverse(plan, mean - 3 * sd, unit);
    const hi = inverse(plan, mean + 3 * sd, unit);
    view.set(series, x, inverse(plan, mean, unit), { lo, hi });
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
  }

  #forget(object: number): void {
    for (let kpi = 0; kpi < this.#width; kpi++) this.#store.clear(object * this.#width + kpi);
    this.#presence.clear(object);
    if (!this.#isAwaited(object)) this.#objects.remove(object);
  }
}
