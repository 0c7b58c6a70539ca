import type { Season } from './calendar.js';
import { IdleHours, leadTraffic } from './idle-hours.js';
import { forward, inverse, type KpiPlan, lossOf } from './kpi-plan.js';
import type { Reading } from './reading.js';
import type { DetectionRules } from './rules.js';
import { SeriesModel } from './series-model.js';
import { PHASE, type SeriesStore } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';
import { TailPool } from './tail-pool.js';
import { ZeroPool } from './zero-pool.js';

/** What all series of one KPI share. */
interface Pools {
  readonly tail: TailPool;
  readonly zero: ZeroPool;
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
const PREVIOUS_STEPS = 40;
const SHARE_STEPS = 65_535;
const PER_PREVIOUS_STEP = 1 / PREVIOUS_STEPS;
const PER_SHARE_STEP = 1 / SHARE_STEPS;
/** 1 / √(1 - carry²) by the upper byte of the stored carry */
const INNOVATION = Float64Array.from(
  { length: 256 },
  (_, i) => 1 / Math.sqrt(1 - Math.min(0.95, (i + 0.5) / 256) ** 2),
);
/** a wander explains at most this many standard deviations of the next reading */
const WANDER = 2;
const WANDER_CLIP = 3;
const CARRY_RATE = 0.01;
/** a zero says more than its distance only where zero is this far from what is expected */
const DEEP_ZERO = 3;
/** surprise per share of the period off air: 40 % is worth a verdict at once */
const OFF_AIR_NATS = 50;
const GREATEST_CARRY = 0.9;

/**
 * Scores a reading, adds it to the evidence against its series, and lets the model learn it if the
 * series is well. The evidence is a one-sided cumulative sum of surprise over drift (Page 1954),
 * whose surprise is calibrated on the tail of the KPI's own deviations.
 */
export class SeriesJudge {
  readonly #store: SeriesStore;
  readonly #plans: readonly KpiPlan[];
  readonly #pools: readonly Pools[];
  readonly #model: SeriesModel;
  readonly #drift: number;
  readonly #cap: number;
  #period = 0;
  #season: Season = {
    kind: 0,
    knot0: 0,
    knot1: 1,
    weight1: 0,
    block: 0,
    hour: 0,
    isHoliday: false,
  };
  #calmBelow = 0;
  /** periods for which a suspect series does not learn; not raised by then, it learns on */
  readonly #suspense: number;
  readonly #lead: number;
  readonly idle: IdleHours;

  constructor(
    store: SeriesStore,
    plans: readonly KpiPlan[],
    periodSeconds: number,
    rules: DetectionRules,
  ) {
    this.#store = store;
    this.#plans = plans;
    this.#model = new SeriesModel(store, periodSeconds, rules);
    this.#lead = leadTraffic(plans);
    this.idle = new IdleHours(periodSeconds);
    this.#drift = rules.evidence.drift;
    this.#suspense = Math.max(SUSPENSE_PERIODS, SUSPENSE_SECONDS / periodSeconds);
    this.#cap = rules.evidence.cap;
    this.#pools = plans.map(() => ({ tail: new TailPool(), zero: new ZeroPool() }));
  }

  /**
   * Names the period that the following steps belong to.
   * @param calmBelow evidence up to which a series still learns
   */
  beginPeriod(period: number, season: Season, calmBelow: number): void {
    this.#period = period;
    this.#season = season;
    this.#calmBelow = calmBelow;
  }

  /** Scores and learns `reading.x` of a series and fills in the rest of `reading`. */
  step(series: number, kpi: number, attempts: number, reading: Reading): void {
    const plan = this.#plans[kpi];
    const pools = this.#pools[kpi];
    if (plan === undefined || pools === undefined) return;
    const { x } = reading;
    if (this.#model.gather(series, plan, x, attempts)) return;
    const n = plan.isRatio ? attempts : Number.NaN;
    this.#model.predict(series, plan, this.#season, n, reading);
    const y = forward(plan, x, n, reading.unit);
    const residual = y - reading.mean;
    const z = residual / reading.sd;
    const bad = plan.bad === 0 ? Math.abs(z) : plan.bad * z;
    reading.isPresent = true;
    reading.residual = residual;
    reading.z = z;
    reading.bad = bad;
    reading.isZero = plan.isTraffic && x <= 0;
    let isHealthy = true;
    const isNotable = z >= IN_BAND || z <= -IN_BAND || kpi === this.#lead;
    if (isNotable) reading.expected = inverse(plan, reading.mean, reading.unit);
    if (reading.isWarm) {
      reading.loss = isNotable && bad > 0 ? lossOf(plan, x, reading.expected) : 0;
      isHealthy = this.#score(series, plan, pools, reading);
    }
    if (!isHealthy) {
      this.#store.previous[series] = 0;
      return;
    }
    this.#learnCarry(series, reading);
    if (kpi === this.#lead && !this.#season.isHoliday) {
      const object = Math.floor(series / this.#plans.length);
      this.idle.learn(object, this.#season.block, reading);
    }
    this.#model.learn(series, plan, this.#season, reading);
  }

  /** Fills in what is expected of a series that did not report. @returns whether it is warm */
  expect(series: number, kpi: number, reading: Reading): boolean {
    const plan = this.#plans[kpi];
    if (plan === undefined || this.#store.phase[series] === PHASE.gathering) return false;
    this.#model.predict(series, plan, this.#season, Number.NaN, reading);
    reading.expected = inverse(plan, reading.mean, reading.unit);
    return reading.isWarm;
  }

  /** Takes the present shift of a series for its new normal. */
  acceptShift(series: number): void {
    this.#model.acceptShift(series);
  }

  endPeriod(): void {
    for (const { tail, zero } of this.#pools) {
      tail.endPeriod();
      zero.endPeriod();
    }
  }

  save(writer: StateWriter, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      this.#pools[k]?.tail.save(writer, `${name}.${plan.name}.tail`);
      this.#pools[k]?.zero.save(writer, `${name}.${plan.name}.zero`);
    }
  }

  load(reader: StateReader, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      if (!reader.has(`${name}.${plan.name}.tail`)) continue;
      this.#pools[k]?.tail.load(reader, `${name}.${plan.name}.tail`);
      this.#pools[k]?.zero.load(reader, `${name}.${plan.name}.zero`);
    }
  }

  /** Adds a warm reading to the evidence. @returns whether the series may learn from it */
  #score(series: number, plan: KpiPlan, pools: Pools, reading: Reading): boolean {
    const store = this.#store;
    const bad = this.#unexplained(series, plan, reading);
    let surprise = pools.tail.surprise(bad);
    let depth = 0;
    if (plan.isTraffic) {
      depth = (reading.mean - plan.zeroAt) / reading.sd;
      if (reading.isZero && depth >= DEEP_ZERO) {
        surprise = Math.max(surprise, pools.zero.surprise(depth));
      }
      if (reading.loss > 0) surprise = this.#unlessIdle(series, reading, surprise);
    }
    // time off air is service lost, whatever is usual for this KPI
    if (plan.isAvailability) surprise = Math.max(surprise, reading.loss * OFF_AIR_NATS);
    const old = (bad < IN_BAND ? FADE_IN_BAND : FADE) * (store.evidence[series] ?? 0);
    const sum = old + (surprise < this.#cap ? surprise : this.#cap) - this.#drift;
    const evidence = sum < 0 ? 0 : sum > EVIDENCE_CAP ? EVIDENCE_CAP : sum;
    store.evidence[series] = evidence;
    const isRaised = (store.phase[series] ?? 0) >= PHASE.raised;
    if (evidence > 0 || isRaised) this.#extendRun(series, old > 0 || isRaised, reading.residual);
    if (isRaised) return false;
    if (evidence > this.#calmBelow && reading.loss >= plan.leastLoss) {
      if (this.#period - (store.since[series] ?? 0) < this.#suspense) return false;
      return true;
    }
    pools.tail.add(bad);
    if (depth > 0) pools.zero.add(depth, reading.isZero);
    return true;
  }

  /**
   * How bad a reading is beyond what the last residual explains: series wander, and a run of small
   * residuals on one side is one event and not many. A first-order autoregression whose coefficient
   * is learnt per series, with the carried part bounded, so that a deep loss is never explained.
   */
  #unexplained(series: number, plan: KpiPlan, reading: Reading): number {
    const store = this.#store;
    const code = store.carry[series] ?? 0;
    const carry = code * PER_SHARE_STEP;
    const last = (store.previous[series] ?? 0) * PER_PREVIOUS_STEP;
    const { z } = reading;
    const carried = carry * (last > WANDER ? WANDER : last < -WANDER ? -WANDER : last);
    const left = (z - carried) * (INNOVATION[code >>> 8] ?? 1);
    const bad = plan.bad === 0 ? Math.abs(left) : plan.bad * left;
    return reading.slack > 0 && bad > 0 ? Math.max(0, bad - reading.slack / reading.sd) : bad;
  }

  #unlessIdle(series: number, reading: Reading, surprise: number): number {
    const object = Math.floor(series / this.#plans.length);
    return this.idle.bound(object, this.#season, reading, surprise);
  }

  #learnCarry(series: number, { z }: Reading): void {
    const store = this.#store;
    const carry = (store.carry[series] ?? 0) * PER_SHARE_STEP;
    const last = (store.previous[series] ?? 0) * PER_PREVIOUS_STEP;
    const now = z > WANDER_CLIP ? WANDER_CLIP : z < -WANDER_CLIP ? -WANDER_CLIP : z;
    const learnt = carry + CARRY_RATE * (now - carry * last) * last;
    const bounded = learnt < 0 ? 0 : learnt > GREATEST_CARRY ? GREATEST_CARRY : learnt;
    store.carry[series] = Math.round(bounded * SHARE_STEPS);
    store.previous[series] = Math.round(now * PREVIOUS_STEPS);
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
