import type { DetectEvent } from '../domain/anomaly.js';
import type { DetectAct } from '../domain/detect-act.js';
import type { LaneSpec, PeriodObserver } from '../domain/lane.js';
import type { Season } from './calendar.js';
import { Generation } from './generation.js';
import type { KpiPlan } from './kpi-plan.js';
import { LaneEvents } from './lane-events.js';
import { LaneVerdicts } from './lane-verdicts.js';
import { LimitWatch } from './limit-watch.js';
import { LOOK, ObjectBlock } from './object-block.js';
import type { ObjectIndex } from './object-index.js';
import { type Judgement, ObjectJudge } from './object-judge.js';
import type { PendingPeriod } from './pending.js';
import { PeriodView } from './period-view.js';
import type { ModelStatus } from './ports.js';
import { Presence } from './presence.js';
import { Reading } from './reading.js';
import type { DetectionRules } from './rules.js';
import { SeriesJudge } from './series-judge.js';
import { PHASE, SeriesStore } from './series-store.js';
import { LaneShapes } from './shapes/lane-shapes.js';
import type { ShapeFitter } from './shapes/ports.js';
import type { ShapeFit } from './shapes/shape-model.js';
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
  readonly fitter: ShapeFitter;
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
  readonly #block: ObjectBlock;
  readonly #shapes: LaneShapes;
  readonly #generation = new Generation();
  #vendors: ReadonlyMap<string, string> | undefined;
  /** objects whose vendor is known to the watch */
  #grouped = 0;
  readonly #presence: Presence;
  /** whether slight rises are told this period */
  #tellsRises = false;
  readonly #limits: LimitWatch;
  readonly #events = new LaneEvents();
  readonly #verdicts: LaneVerdicts;
  readonly #view: PeriodView | undefined;
  readonly #isAwaited: (object: number) => boolean;

  constructor(options: ScanOptions) {
    const { spec, rules, plans, objects, observer, isAwaited } = options;
    this.#isAwaited = isAwaited;
    this.#spec = spec;
    this.#vendors = spec.vendors;
    this.#rules = rules;
    this.#plans = plans;
    this.#objects = objects;
    this.#width = plans.length;
    this.#series = new SeriesJudge(this.#store, plans, spec.periodSeconds, rules);
    this.#shapes = new LaneShapes({
      ...options,
      store: this.#store,
      periodSeconds: spec.periodSeconds,
    });
    this.#judge = new ObjectJudge(this.#store, plans, spec.periodSeconds, rules);
    this.#block = new ObjectBlock(plans, this.#store, rules.surplus.z);
    this.#readings = plans.map(() => new Reading());
    this.#judgements = plans.map(() => 'quiet');
    this.#presence = new Presence(spec.periodSeconds, rules.silence, spec.hasClockTimes === true);
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

  /** The fit that has to be ready before this period can be judged, if it is not. */
  blocks(period: number): ShapeFit | undefined {
    return this.#shapes.blocks(period);
  }

  /** Judges one period; its events are appended to `out`. */
  release(release: Release, out: DetectEvent[]): void {
    const { period, pending } = release;
    const size = this.#objects.size;
    this.#store.reserve(size * this.#width);
    this.#presence.reserve(size);
    this.#judge.reserve(size);
    this.#series.idle.reserve(size);
    this.#shapes.clusters.reserve(size);
    if (this.#shapes.beginPeriod(period) === 'adopted') {
      this.#series.regroup(this.#shapes.model?.clusters ?? 0);
      this.#generation.next('shapes');
    }
    this.#groupNew(size);
    this.#series.model.shapes = this.#shapes.model;
    this.#series.model.clusterOf = this.#shapes.clusters.of;
    this.#judge.beginPeriod(period, release.season.isHoliday);
    this.#series.beginPeriod(period, this.#judge.calmBelow);
    this.#verdicts.beginPeriod(period);
    this.#view?.begin(size);
    this.#tellsRises = this.#presence.isAnyMissed(size, release);
    this.#block.surplusZ = this.#tellsRises ? this.#rules.surplus.slightZ : this.#rules.surplus.z;
    for (let object = 0; object < size; object++) {
      const row = pending === undefined ? 0 : (pending.rowOf[object] ?? 0);
      if (row > 0) {
        this.#reported(object, release);
        this.#block.add(object, row - 1);
        if (this.#block.isFull) this.#judgeBlock(release);
      } else if (this.#presence.isKnown(object)) this.#missing(object, release);
    }
    this.#judgeBlock(release);
    this.#presence.endPeriod();
    this.#endPeriod(period);
    this.#events.drainTo(out);
    this.#view?.finish(release.startMs, this.#objects);
  }

  /** Does what an operator wants. */
  act(act: DetectAct): void {
    if (act.action === 'acceptLevel') {
      const object = this.#objects.numberOf(act.objectId);
      if (object >= 0) this.#judge.accept(object);
    } else if (act.action === 'correctRate') this.#judge.correct(act.factor);
    else this.#revert();
  }

  /** Takes the vendors that calibration is watched by; readings counted today stay where they are. */
  vendors(byObject: ReadonlyMap<string, string>): void {
    this.#vendors = byObject;
    this.#grouped = 0;
  }

  models(): ModelStatus {
    const { model } = this.#shapes;
    return {
      feed: this.#spec.feed,
      version: this.#generation.version,
      previousVersion: this.#generation.previous,
      clusters: model?.clusters ?? 0,
      silhouette: model?.silhouette ?? 0,
      rateFactor: this.#judge.rateFactor,
      calibration: this.#series.drift.calibration(),
    };
  }

  save(writer: StateWriter, name: string): void {
    writer.json(`${name}.generation`, this.#generation.toJson());
    this.#store.save(writer, `${name}.series`, this.#objects.size * this.#width);
    this.#series.save(writer, `${name}.pools`);
    this.#series.idle.save(writer, `${name}.objects`, this.#objects.size);
    this.#judge.save(writer, `${name}.objects`, this.#objects.size);
    this.#presence.save(writer, `${name}.presence`, this.#objects.size);
    this.#shapes.save(writer, `${name}.shapes`, this.#objects.size);
    writer.json(`${name}.limits`, this.#limits.toJson());
  }

  load(reader: StateReader, name: string, columns: readonly number[], storedWidth: number): void {
    this.#store.load(reader, `${name}.series`, columns, storedWidth);
    this.#series.load(reader, `${name}.pools`);
    this.#series.idle.load(reader, `${name}.objects`);
    this.#judge.load(reader, `${name}.objects`);
    this.#presence.load(reader, `${name}.presence`);
    const isSame = columns.length === storedWidth && columns.every((from, to) => from === to);
    this.#shapes.load(reader, `${name}.shapes`, isSame);
    if (reader.has(`${name}.generation`)) {
      this.#generation.load(reader.json<unknown[]>(`${name}.generation`));
    }
    this.#grouped = 0;
    if (isSame) this.#limits.load(reader.json(`${name}.limits`));
  }

  #endPeriod(period: number): void {
    const perDay = Math.round(86_400 / this.#spec.periodSeconds);
    const isDayOver = (period + 1) % perDay === 0;
    const isBoundary = (period + 1) % (perDay * this.#rules.shapes.refitDays) === 0;
    if (isBoundary) this.#generation.release();
    if (this.#series.endPeriod(isBoundary, this.#generation.isHeld)) this.#generation.next('tails');
    this.#judge.endPeriod(isBoundary);
    if (isDayOver) this.#series.endDay();
    if (!this.#generation.isHeld) this.#shapes.endPeriod(period);
  }

  #revert(): void {
    if (this.#generation.previous === null) return;
    if (this.#generation.changed === 'tails') this.#series.revert();
    else if (this.#shapes.revert()) this.#series.regroup(this.#shapes.model?.clusters ?? 0);
    this.#generation.reverted();
  }

  /** Puts objects that are new into the group of their vendor. */
  #groupNew(size: number): void {
    for (let object = this.#grouped; object < size; object++) {
      this.#series.drift.assign(object, this.#vendors?.get(this.#objects.idOf(object)) ?? '');
    }
    this.#grouped = size;
  }

  #reported(object: number, { period, season }: Release): void {
    if (!this.#presence.isKnown(object)) this.#verdicts.observed(this.#objects.idOf(object));
    if (this.#presence.raisedAt(object) > 0) {
      this.#verdicts.silenceEnded(object, this.#objects.idOf(object));
    }
    this.#presence.report(object, period, season);
  }

  #judgeBlock(release: Release): void {
    const block = this.#block;
    if (block.size === 0 || release.pending === undefined) return;
    block.run(release.pending, this.#series, release.season);
    const needsAll = this.#view !== undefined || this.#limits.hasAny;
    for (let place = 0; place < block.size; place++) {
      const object = block.objects[place] ?? 0;
      const look = block.look[place] ?? 0;
      if (needsAll || look > LOOK.warm) this.#lookAt(object, place, look, release);
      if (look === LOOK.warm || look === (LOOK.warm | LOOK.surplus)) this.#judge.noteQuiet(object);
    }
    block.size = 0;
  }

  #lookAt(object: number, place: number, look: number, release: Release): void {
    const readings = this.#readings;
    this.#block.readings(place, readings);
    if ((look & LOOK.raised) > 0) this.#letGo(object, release);
    if ((look & (LOOK.suspect | LOOK.raised)) > 0) {
      if (this.#judge.judge(object, readings, this.#judgements)) this.#tell(object);
    }
    if (this.#limits.hasAny) this.#checkLimits(object, release);
    if ((look & LOOK.surplus) > 0) this.#noteSurplus(object);
    if (this.#view) this.#show(object * this.#width, this.#view);
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
      const isAccepted = judgement === 'accepted' || judgement === 'acceptedByWord';
      if (isAccepted) this.#series.model.acceptShift(series);
      if (isAccepted || judgement === 'cleared') this.#judge.settle(series);
    }
  }

  #checkLimits(object: number, release: Release): void {
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const x = this.#readings[kpi]?.x ?? Number.NaN;
      if (x !== x || !this.#limits.has(kpi)) continue;
      const series = object * this.#width + kpi;
      for (const change of this.#limits.check(series, kpi, release.period, x)) {
        this.#verdicts.limit(change, kpi, this.#objects.idOf(object), x);
      }
    }
  }

  /** Traffic above expectation: clearly, in the KPI that is most so; slightly, in all of them. */
  #noteSurplus(object: number): void {
    const { z, ratio, slightZ } = this.#rules.surplus;
    let most = 0;
    let sum = 0;
    let ratios = 0;
    let count = 0;
    for (const [kpi, reading] of this.#readings.entries()) {
      if (this.#plans[kpi]?.isTraffic !== true || !reading.isWarm) continue;
      sum += reading.z;
      ratios += reading.expected > 0 ? reading.x / reading.expected : 1;
      count++;
      if (reading.z >= z && reading.expected > 0)
        most = Math.max(most, reading.x / reading.expected);
    }
    const objectId = this.#objects.idOf(object);
    if (most >= ratio) this.#verdicts.surplus(objectId, most);
    const isTold = this.#tellsRises && sum >= slightZ * count;
    if (isTold) this.#verdicts.rise(objectId, sum / count, ratios / count);
  }

  #show(base: number, view: PeriodView): void {
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const plan = this.#plans[kpi];
      const reading = this.#readings[kpi];
      if (plan && reading) view.set(base + kpi, plan, reading);
    }
  }

  /** KPIs under a verdict that are no longer reported at all are let go after the set time. */
  #letGo(object: number, release: Release): void {
    for (let kpi = 0; kpi < this.#width; kpi++) {
      const series = object * this.#width + kpi;
      if (this.#readings[kpi]?.isPresent === true) continue;
      if ((this.#store.phase[series] ?? 0) < PHASE.raised) continue;
      const missed = release.period - (this.#store.lastBad[series] ?? 0);
      if (missed * this.#spec.periodSeconds < this.#rules.newLevelAfterHours * 3600) continue;
      this.#verdicts.unreported(series, kpi, this.#objects.idOf(object));
      this.#judge.settle(series);
    }
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
    this.#judge.clear(object);
    this.#series.idle.clear(object);
    this.#shapes.clusters.clear(object);
    this.#grouped = Math.min(this.#grouped, object);
    if (!this.#isAwaited(object)) this.#objects.remove(object);
  }
}
