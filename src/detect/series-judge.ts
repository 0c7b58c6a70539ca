import type { Season } from './calendar.js';
import type { Column } from './column.js';
import { DriftWatch, EXCEEDED } from './drift-watch.js';
import { IdleHours, leadTraffic, NEAR_ZERO } from './idle-hours.js';
import { inverse, type KpiPlan, lossOf, standardise } from './kpi-plan.js';
import type { DetectionRules } from './rules.js';
import { SeriesModel } from './series-model.js';
import { PHASE, type SeriesStore } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';
import { TailPool } from './tail-pool.js';
import { findUnexplained, learnWander } from './wander.js';
import { ZeroPool } from './zero-pool.js';

/** What all series of one KPI share. */
interface Pools {
  readonly tail: TailPool;
  readonly zero: ZeroPool;
}

/** What a column is about. */
interface About {
  readonly plan: KpiPlan;
  readonly pools: Pools;
  readonly season: Season;
  readonly kpi: number;
}

const LONG_RUN = 50;
const EVIDENCE_CAP = 60;
/** what is left of evidence after a period: what is long past does not count for ever */
const FADE = 0.97;
/** the same after a reading within this many standard deviations */
const IN_BAND = 1;
const FADE_IN_BAND = 0.6;
const SUSPENSE_PERIODS = 4;
const SUSPENSE_SECONDS = 6 * 3600;
/** a zero says more than its distance only where zero is this far from what is expected */
const DEEP_ZERO = 3;
/** surprise per share of the period off air: 40 % is worth a verdict at once */
const OFF_AIR_NATS = 50;

/**
 * Scores readings, adds them to the evidence against their series, and lets the model learn those
 * whose series is well. The evidence is a one-sided cumulative sum of surprise over drift (Page
 * 1954), whose surprise is calibrated on the tail of the KPI's own deviations.
 */
export class SeriesJudge {
  readonly idle: IdleHours;
  readonly model: SeriesModel;
  readonly drift: DriftWatch;
  readonly #store: SeriesStore;
  readonly #plans: readonly KpiPlan[];
  readonly #pools: readonly Pools[];
  readonly #drift: number;
  readonly #cap: number;
  /** periods for which a suspect series does not learn; not raised by then, it learns on */
  readonly #suspense: number;
  readonly #lead: number;
  #period = 0;
  #calmBelow = 0;

  constructor(
    store: SeriesStore,
    plans: readonly KpiPlan[],
    periodSeconds: number,
    rules: DetectionRules,
  ) {
    this.#store = store;
    this.#plans = plans;
    this.#lead = leadTraffic(plans);
    this.idle = new IdleHours(periodSeconds);
    this.model = new SeriesModel(store, periodSeconds, rules);
    this.#drift = rules.evidence.drift;
    this.#cap = rules.evidence.cap;
    this.#suspense = Math.max(SUSPENSE_PERIODS, SUSPENSE_SECONDS / periodSeconds);
    this.#pools = plans.map(() => ({
      tail: new TailPool(Math.min(this.#drift, EXCEEDED)),
      zero: new ZeroPool(),
    }));
    this.drift = new DriftWatch(plans);
  }

  /**
   * Names the period that the following columns belong to.
   * @param calmBelow evidence up to which a series still learns
   */
  beginPeriod(period: number, calmBelow: number): void {
    this.#period = period;
    this.#calmBelow = calmBelow;
  }

  /** Scores and learns a column of readings whose x and attempts are set; fills in the rest. */
  run(column: Column, kpi: number, season: Season): void {
    const plan = this.#plans[kpi];
    const pools = this.#pools[kpi];
    if (plan === undefined || pools === undefined) return;
    this.model.predict(column, plan, season, kpi);
    standardise(plan, column, this.#store.unit);
    findUnexplained(column, plan, this.#store);
    this.#scoreAll(column, { plan, pools, season, kpi });
    learnWander(column, this.#store);
    if (kpi === this.#lead && !season.isHoliday) {
      this.idle.learn(column, plan, this.#store.unit, season.block);
    }
    this.model.learn(column, season, plan);
  }

  /**
   * @param isBoundary whether tails may forget now
   * @param isHeld whether tails stay as they are: somebody has gone back to them
   * @returns whether another fit is in use now
   */
  endPeriod(isBoundary: boolean, isHeld: boolean): boolean {
    const fitted = new Set<TailPool>();
    for (const { tail, zero } of this.#pools) {
      if (!isHeld && tail.endPeriod(isBoundary)) fitted.add(tail);
      zero.endPeriod();
    }
    if (fitted.size === 0) return false;
    for (const { tail } of this.#pools) if (!fitted.has(tail)) tail.keep();
    return true;
  }

  /** A day is over: its scores are held against what they should be. */
  endDay(): void {
    this.drift.endDay((kpi) => this.#pools[kpi]?.tail.total ?? 0);
  }

  /** Objects have other clusters from now on. */
  regroup(clusters: number): void {
    for (const { tail } of this.#pools) tail.regroup(clusters);
  }

  /** Goes back to the tails before the present ones. */
  revert(): void {
    for (const { tail } of this.#pools) tail.revert();
  }

  save(writer: StateWriter, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      this.#pools[k]?.tail.save(writer, `${name}.${plan.name}.tail`);
      this.#pools[k]?.zero.save(writer, `${name}.${plan.name}.zero`);
    }
    this.drift.save(writer, name);
  }

  load(reader: StateReader, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      if (!reader.has(`${name}.${plan.name}.tail`)) continue;
      this.#pools[k]?.tail.load(reader, `${name}.${plan.name}.tail`);
      this.#pools[k]?.zero.load(reader, `${name}.${plan.name}.zero`);
    }
    this.drift.load(reader, name);
  }

  /**
   * Scores a column; most readings are ordinary: nothing stands against their series, nor do they.
   * Those of a holiday, with its wide bands, are not counted: tails that have just begun anew by
   * cluster would take their small deviations for what is usual.
   */
  #scoreAll(column: Column, about: About): void {
    const { evidence, phase } = this.#store;
    const { tail } = about.pools;
    const { reach } = tail;
    const { clusterOf } = this.model;
    const { count, object, series, z, bad, warm, healthy, notable } = column;
    const { groupOf } = this.drift;
    const trials = this.drift.trialsOf(about.kpi, tail.total);
    const raised: number = PHASE.raised;
    // time off air counts however usual it is
    const inAir = about.plan.isAvailability ? IN_BAND : Number.POSITIVE_INFINITY;
    const direction = about.plan.bad;
    const counts = !about.season.isHoliday;
    let notables = 0;
    healthy.fill(1, 0, count);
    for (let i = 0; i < count; i++) {
      if (warm[i] === 0) continue;
      const s = series[i] ?? 0;
      const o = object[i] ?? 0;
      const far = bad[i] ?? 0;
      const row = clusterOf[o] ?? 0;
      const isQuiet = evidence[s] === 0 && (phase[s] ?? 0) < raised;
      if (isQuiet && far < (reach[row] ?? 0) && turnedTo(direction, z[i] ?? 0) < inAir) {
        if (!counts) continue;
        tail.add(far, row);
        const group = groupOf[o] ?? 0;
        trials[group] = (trials[group] ?? 0) + 1;
      } else notable[notables++] = i;
    }
    column.notables = notables;
    this.#scoreNotable(column, about);
    if (about.plan.isTraffic) this.#countZeros(column, about);
  }

  #scoreNotable(column: Column, about: About): void {
    const { loss, healthy, notable, notables } = column;
    loss.fill(0, 0, column.count);
    for (let k = 0; k < notables; k++) {
      const i = notable[k] ?? 0;
      loss[i] = this.#lossAt(column, i, about.plan);
      if (!this.#score(column, i, about)) healthy[i] = 0;
    }
  }

  /** Share of the service lost, for a reading at least a standard deviation on the bad side. */
  #lossAt({ series, x, z, mean }: Column, i: number, plan: KpiPlan): number {
    if (turnedTo(plan.bad, z[i] ?? 0) < IN_BAND) return 0;
    const expected = inverse(plan, mean[i] ?? 0, this.#store.unit[series[i] ?? 0] ?? 1);
    return lossOf(plan, x[i] ?? 0, expected);
  }

  /** Adds a warm reading to the evidence. @returns whether the series may learn from it */
  #score(column: Column, i: number, about: About): boolean {
    const { plan, pools } = about;
    const store = this.#store;
    const series = column.series[i] ?? 0;
    const bad = column.bad[i] ?? 0;
    const loss = column.loss[i] ?? 0;
    const object = column.object[i] ?? 0;
    const row = this.model.clusterOf[object] ?? 0;
    const usual = pools.tail.surprise(bad, row);
    let surprise = usual;
    if (plan.isTraffic) surprise = this.#trafficSurprise(column, i, about, surprise);
    // time off air is service lost, whatever is usual for this KPI
    if (plan.isAvailability && loss > 0) surprise = Math.max(surprise, loss * OFF_AIR_NATS);
    const old = (bad < IN_BAND ? FADE_IN_BAND : FADE) * (store.evidence[series] ?? 0);
    const sum = old + Math.min(surprise, this.#cap) - this.#drift;
    const evidence = sum < 0 ? 0 : sum > EVIDENCE_CAP ? EVIDENCE_CAP : sum;
    store.evidence[series] = evidence;
    const isRaised = (store.phase[series] ?? 0) >= PHASE.raised;
    if (evidence > 0 || isRaised) {
      this.#extendRun(series, old > 0 || isRaised, column.residual[i] ?? 0);
      if (isRaised) return false;
      if (evidence > this.#calmBelow && loss >= plan.leastLoss) {
        return this.#period - (store.since[series] ?? 0) >= this.#suspense;
      }
    }
    if (about.season.isHoliday) return true;
    pools.tail.add(bad, row);
    this.drift.add(about.kpi, object, usual);
    return true;
  }

  /** Zero traffic against how often it is honest; a place that shuts now and then surprises less. */
  #trafficSurprise(column: Column, i: number, about: About, surprise: number): number {
    const { plan, pools, season } = about;
    const x = column.x[i] ?? 0;
    const mean = column.mean[i] ?? 0;
    const depth = (mean - plan.zeroAt) / (column.sd[i] ?? 1);
    const zero = x <= 0 && depth >= DEEP_ZERO ? pools.zero.surprise(depth) : 0;
    const most = surprise > zero ? surprise : zero;
    if ((column.loss[i] ?? 0) < 1 - NEAR_ZERO) return most;
    return this.idle.bound(column.object[i] ?? 0, season, most);
  }

  #countZeros(column: Column, { plan, pools }: About): void {
    const { count, x, mean, sd, warm, healthy } = column;
    for (let i = 0; i < count; i++) {
      if (warm[i] === 0 || healthy[i] === 0) continue;
      const depth = ((mean[i] ?? 0) - plan.zeroAt) / (sd[i] ?? 1);
      if (depth > 0) pools.zero.add(depth, (x[i] ?? 0) <= 0);
    }
  }

  #extendRun(series: number, isRunning: boolean, residual: number): void {
    const store = this.#store;
    if (!isRunning) {
      store.since[series] = this.#period;
      store.shift[series] = residual;
      return;
    }
    const n = Math.min(LONG_RUN, this.#period - (store.since[series] ?? 0) + 1);
    const mean = store.shift[series] ?? 0;
    store.shift[series] = mean + (residual - mean) / Math.max(2, n);
  }
}

/** A deviation turned so that positive is bad. @param direction that hurts: -1, 1, or 0 for both */
function turnedTo(direction: number, z: number): number {
  return direction === 0 ? Math.abs(z) : direction * z;
}
