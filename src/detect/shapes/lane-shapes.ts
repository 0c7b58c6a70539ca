import type { KpiPlan } from '../kpi-plan.js';
import type { ObjectIndex } from '../object-index.js';
import type { DetectionRules } from '../rules.js';
import { KINDS, KNOTS, PHASE, type SeriesStore } from '../series-store.js';
import type { StateReader, StateWriter } from '../state-codec.js';
import { ClusterIds, TAKEN_IN } from './cluster-ids.js';
import { fitShapes } from './fit-shapes.js';
import { nearestCluster } from './nearest.js';
import { priorDays, shrinkTowards, standAlone } from './newcomers.js';
import type { ShapeFitter } from './ports.js';
import { type ProfileRows, profileRows, readProfile } from './series-profile.js';
import {
  PROFILE,
  profileAt,
  type ShapeFit,
  type ShapeModel,
  type ShapeSample,
} from './shape-model.js';
import { loadModel, loadSample, saveModel, saveSample } from './shape-state.js';
import { takeSample } from './take-sample.js';

interface LaneShapesOptions {
  readonly store: SeriesStore;
  readonly objects: ObjectIndex;
  readonly plans: readonly KpiPlan[];
  readonly periodSeconds: number;
  readonly rules: DetectionRules;
  readonly fitter: ShapeFitter;
}

/** What became of a fit at its swap. */
export type Swap = 'none' | 'adopted' | 'kept';

interface Job {
  readonly sample: ShapeSample;
  /** period before which the result is swapped in */
  readonly due: number;
  readonly fit: ShapeFit;
}

const DAY_SECONDS = 86_400;
const SWAP_SECONDS = 7200;
const SEED = 20_170_813;
/** a day in which so much was reported is a day */
const WHOLE_DAY = 0.9;
/** an object this much farther than members of a cluster usually are is like none of them */
const OUTSIDE = 4;
/** the new model may be worse than the old by so much a knot and still replace it: it is newer */
const TOLERANCE = 0.01;

/**
 * Shapes of a lane's objects: fitted from a sample taken at a day's boundary, swapped in two hours
 * of network time later, whenever the fitter was ready. What a fit works on is part of the state, so
 * that it can be repeated after a restart.
 */
export class LaneShapes {
  readonly clusters = new ClusterIds();
  readonly #o: LaneShapesOptions;
  readonly #perDay: number;
  /** variance of one day's mean over two hours, beside that of one reading: 1 ÷ √n for n of them */
  readonly #oneDay: number;
  readonly #scratch: ProfileRows;
  #model: ShapeModel | null = null;
  #previous: ShapeModel | null = null;
  #job: Job | null = null;
  /** period at whose end the last fit was begun; -1 before the first */
  #begunAt = -1;

  constructor(options: LaneShapesOptions) {
    this.#o = options;
    this.#perDay = DAY_SECONDS / options.periodSeconds;
    this.#oneDay = 1 / Math.sqrt(Math.max(1, this.#perDay / 12));
    this.#scratch = profileRows(options.plans.length);
  }

  /** Shapes in use, null before there are any. */
  get model(): ShapeModel | null {
    return this.#model;
  }

  /** The fit that has to be ready before this period can be judged, if it is not. */
  blocks(period: number): ShapeFit | undefined {
    const job = this.#job;
    return job && period >= job.due && job.fit.result === undefined ? job.fit : undefined;
  }

  /** Swaps a fit in when its time has come; works it out here when nobody waited for it. */
  beginPeriod(period: number): Swap {
    const job = this.#job;
    if (!job || period < job.due) return 'none';
    this.#job = null;
    const { score, previousScore, model } = job.fit.result ?? fitShapes(job.sample);
    if (previousScore !== null && score < previousScore - TOLERANCE) return 'kept';
    this.#use(model);
    return 'adopted';
  }

  /** Begins a fit when one is due, and takes in objects that have been seen for a day. */
  endPeriod(period: number): void {
    const next = period + 1;
    if (this.#model && next % Math.max(1, Math.round(this.#perDay / 24)) === 0) this.#takeIn();
    if (this.#job || next % Math.round(this.#perDay) !== 0 || !this.#isDue(next)) return;
    const { rules, periodSeconds, fitter } = this.#o;
    const { leastObjects } = rules.shapes;
    const sample = takeSample(this.#source(), leastObjects, SEED, this.#model);
    if (!sample) return;
    const due = next + Math.max(1, Math.ceil(SWAP_SECONDS / periodSeconds));
    this.#begunAt = next;
    this.#job = { sample, due, fit: fitter.begin(sample) };
  }

  /** Goes back to the shapes before the present ones. @returns whether there are any */
  revert(): boolean {
    if (!this.#previous) return false;
    this.#job = null;
    this.#use(this.#previous);
    return true;
  }

  /** Whether the next fit is due at the end of this period's day. */
  #isDue(next: number): boolean {
    if (this.#begunAt < 0) return true;
    return next - this.#begunAt >= this.#o.rules.shapes.refitDays * this.#perDay;
  }

  save(writer: StateWriter, name: string, objects: number): void {
    this.clusters.save(writer, name, objects);
    writer.json(`${name}.begunAt`, this.#begunAt);
    saveModel(writer, `${name}.model`, this.#model);
    saveModel(writer, `${name}.previous`, this.#previous);
    writer.json(`${name}.due`, this.#job?.due ?? null);
    if (this.#job) saveSample(writer, `${name}.sample`, this.#job.sample);
  }

  /** @param isSame whether the KPIs are those of the stored state; if not, shapes are fitted anew */
  load(reader: StateReader, name: string, isSame: boolean): void {
    if (!isSame || !reader.has(`${name}.begunAt`)) return;
    this.clusters.load(reader, name);
    this.#begunAt = reader.json<number>(`${name}.begunAt`);
    this.#model = loadModel(reader, `${name}.model`);
    this.#previous = loadModel(reader, `${name}.previous`);
    const due = reader.json<number | null>(`${name}.due`);
    if (due === null) return;
    const sample = { ...loadSample(reader, `${name}.sample`), previous: this.#model };
    this.#job = { sample, due, fit: this.#o.fitter.begin(sample) };
  }

  #source() {
    const { rules } = this.#o;
    const { weekend } = rules;
    const kinds = weekend.length > 1 ? [0, 1, 2] : weekend.length > 0 ? [0, 2] : [0];
    const leastDays = WHOLE_DAY * Math.max(1, rules.warmupDays - 1);
    return { ...this.#o, kinds, leastDays, mostClusters: rules.shapes.mostClusters };
  }

  #use(model: ShapeModel): void {
    this.#previous = this.#model;
    this.#model = model;
    this.clusters.reset();
    this.#takeIn();
  }

  /** Finds the cluster of every object that has none yet and has been learnt for a day. */
  #takeIn(): void {
    const { objects } = this.#o;
    const model = this.#model;
    if (!model) return;
    for (let object = 0; object < objects.size; object++) {
      if (this.clusters.stateOf(object) === TAKEN_IN.now) continue;
      if (this.#readingsOf(object) >= WHOLE_DAY * this.#perDay) this.#settle(object, model);
    }
  }

  #settle(object: number, model: ShapeModel): void {
    const { plans, store } = this.#o;
    for (const kpi of model.features) this.#read(object, kpi, model);
    const given = { kpis: plans.length, ...this.#scratch };
    const { cluster, distance } = nearestCluster(model, given, 0);
    const isNew = this.clusters.stateOf(object) === TAKEN_IN.never;
    const isYoung =
      isNew && this.#readingsOf(object) < (this.#o.rules.warmupDays - 1) * this.#perDay;
    const isOutside = isYoung && distance > OUTSIDE * model.reach + this.#oneDay;
    this.clusters.settle(object, isOutside ? 0 : cluster);
    if (!isYoung) return;
    for (const [kpi, plan] of plans.entries()) {
      const series = object * plans.length + kpi;
      const about = { store, series, plan, model, kpis: plans.length, kpi, perDay: this.#perDay };
      if (isOutside || cluster === 0) standAlone(store, series);
      else shrinkTowards({ ...about, cluster });
    }
  }

  /** Lays a feature's profile out; of a series that began with a shape, what it learnt itself. */
  #read(object: number, kpi: number, model: ShapeModel): void {
    const { store, plans } = this.#o;
    const plan = plans[kpi];
    const series = object * plans.length + kpi;
    if (plan) readProfile(store, series, { plan, perDay: this.#perDay }, this.#scratch, kpi);
    const { profiles, days } = this.#scratch;
    if ((store.phase[series] ?? 0) < PHASE.learning) {
      days.fill(0, kpi * KINDS, (kpi + 1) * KINDS);
    }
    const prior = priorDays(store.prior[series] ?? 0);
    if (prior === 0 || !plan || this.clusters.stateOf(object) !== TAKEN_IN.never) return;
    const from = profileAt(plans.length, 0, kpi);
    for (let at = 0; at < PROFILE; at++) {
      const learnt = days[kpi * KINDS + Math.floor(at / KNOTS)] ?? 0;
      if (learnt === 0) continue;
      const own = (store.knots[at * store.capacity + series] ?? 0) * plan.knotStep;
      const more = ((own - (model.profiles[from + at] ?? 0)) * prior) / learnt;
      profiles[kpi * PROFILE + at] = (profiles[kpi * PROFILE + at] ?? 0) + more;
    }
  }

  /** Most readings that any series of an object has learnt. */
  #readingsOf(object: number): number {
    const { store, plans } = this.#o;
    const { seen, phase, capacity } = store;
    let most = 0;
    for (let kpi = 0; kpi < plans.length; kpi++) {
      const series = object * plans.length + kpi;
      if ((phase[series] ?? 0) < PHASE.learning) continue;
      let total = 0;
      for (let kind = 0; kind < KINDS; kind++) total += seen[kind * capacity + series] ?? 0;
      if (total > most) most = total;
    }
    return most;
  }
}
