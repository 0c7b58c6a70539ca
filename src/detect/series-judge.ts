import type { Season } from './calendar.js';
import { EvidencePool } from './evidence-pool.js';
import { forward, inverse, type KpiPlan, lossOf } from './kpi-plan.js';
import type { DetectionRules } from './rules.js';
import { SeriesModel } from './series-model.js';
import { PHASE, type SeriesStore } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';
import { TailPool } from './tail-pool.js';
import { ZeroPool } from './zero-pool.js';

/** What one reading led to; after `cleared` and `accepted` the caller tells it, then `settle`s. */
export type Judgement = 'quiet' | 'raised' | 'lasting' | 'cleared' | 'accepted';

/** What all series of one KPI share. */
interface Pools {
  readonly tail: TailPool;
  readonly evidence: EvidencePool;
  readonly zero: ZeroPool;
}

/** The latest reading judged, for events and charts; `mean`, `sd` on the even scale. */
export interface Reading {
  z: number;
  /** `z` turned so that positive is bad */
  bad: number;
  residual: number;
  loss: number;
  expected: number;
  isZero: boolean;
  isWarm: boolean;
}

const HOUR_SECONDS = 3600;
const CALM_SHARE = 0.5;

/**
 * Scores a reading, adds up evidence, gives the verdict, and only then lets the model learn. The
 * evidence is a one-sided cumulative sum of surprise over drift (Page 1954), whose surprise is
 * calibrated on the KPI's own tail and whose threshold on the KPI's own healthy evidence.
 */
export class SeriesJudge {
  readonly #store: SeriesStore;
  readonly #plans: readonly KpiPlan[];
  readonly #pools: readonly Pools[];
  readonly #rules: DetectionRules;
  readonly #acceptAfter: number;
  /** nats that the wanted false alarm rate asks for */
  readonly #enough: number;
  /** period and season being judged; set by `beginPeriod` */
  #period = 0;
  #season: Season = { kind: 0, knot0: 0, knot1: 1, weight1: 0, block: 0, hour: 0 };
  #threshold = 0;
  #isHealthy = false;
  readonly model: SeriesModel;
  readonly reading: Reading = {
    z: 0.5,
    bad: 0.5,
    residual: 0.5,
    loss: 0.5,
    expected: 0.5,
    isZero: false,
    isWarm: false,
  };

  constructor(
    store: SeriesStore,
    plans: readonly KpiPlan[],
    periodSeconds: number,
    rules: DetectionRules,
  ) {
    this.#store = store;
    this.#plans = plans;
    this.#rules = rules;
    this.model = new SeriesModel(store, periodSeconds, rules);
    this.#acceptAfter = (rules.newLevelAfterHours * HOUR_SECONDS) / periodSeconds;
    const target = falseShare(periodSeconds, rules) / Math.max(1, plans.length);
    this.#enough = -Math.log(target);
    this.#pools = plans.map(() => ({
      tail: new TailPool(),
      evidence: new EvidencePool(target),
      zero: new ZeroPool(),
    }));
  }

  /** How improbable the evidence against a series is by chance, in nats: -ln P. */
  nats(series: number, kpi: number): number {
    const threshold = this.#pools[kpi]?.evidence.threshold ?? Number.POSITIVE_INFINITY;
    return (this.#enough * (this.#store.evidence[series] ?? 0)) / threshold;
  }

  /** Names the period that the following steps belong to. */
  beginPeriod(period: number, season: Season): void {
    this.#period = period;
    this.#season = season;
  }

  /** Judges and learns one reading. Sets `reading` and the model's `expected`. */
  step(series: number, kpi: number, x: number, attempts: number): Judgement {
    const plan = this.#plans[kpi];
    const pools = this.#pools[kpi];
    if (plan === undefined || pools === undefined) return 'quiet';
    const reading = this.reading;
    reading.isWarm = false;
    if (this.model.gather(series, plan, x, attempts)) return 'quiet';
    const n = plan.isRatio ? attempts : Number.NaN;
    this.model.predict(series, plan, this.#season, n);
    const { mean, sd, unit, isWarm } = this.model.expected;
    const y = forward(plan, x, n, unit);
    const z = (y - mean) / sd;
    reading.z = z;
    reading.bad = plan.bad === 0 ? Math.abs(z) : plan.bad * z;
    reading.residual = y - mean;
    reading.isZero = plan.isTraffic && x <= 0;
    if (!isWarm) {
      this.model.learn(series, plan, this.#season, y);
      return 'quiet';
    }
    reading.isWarm = true;
    reading.expected = inverse(plan, mean, unit);
    reading.loss = reading.bad > 0 ? lossOf(plan, x, reading.expected) : 0;
    const judgement = this.#judge(series, plan, pools);
    if (this.#isHealthy) this.model.learn(series, plan, this.#season, y);
    return judgement;
  }

  endPeriod(): void {
    for (const { tail, evidence, zero } of this.#pools) {
      tail.endPeriod();
      evidence.endPeriod();
      zero.endPeriod();
    }
  }

  save(writer: StateWriter, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      const pools = this.#pools[k];
      pools?.tail.save(writer, `${name}.${plan.name}.tail`);
      pools?.evidence.save(writer, `${name}.${plan.name}.evidence`);
      pools?.zero.save(writer, `${name}.${plan.name}.zero`);
    }
  }

  load(reader: StateReader, name: string): void {
    for (const [k, plan] of this.#plans.entries()) {
      if (!reader.has(`${name}.${plan.name}.tail`)) continue;
      const pools = this.#pools[k];
      pools?.tail.load(reader, `${name}.${plan.name}.tail`);
      pools?.evidence.load(reader, `${name}.${plan.name}.evidence`);
      pools?.zero.load(reader, `${name}.${plan.name}.zero`);
    }
  }

  #judge(series: number, plan: KpiPlan, pools: Pools): Judgement {
    const store = this.#store;
    const { loss, bad, isZero } = this.reading;
    let surprise = pools.tail.surprise(bad);
    let depth = 0;
    if (plan.isTraffic) {
      const { mean, sd } = this.model.expected;
      depth = (mean - Math.log(plan.offset)) / sd;
      if (isZero) surprise = Math.max(surprise, pools.zero.surprise(depth));
    }
    const { drift, cap } = this.#rules.evidence;
    const old = store.evidence[series] ?? 0;
    const sum = old + (surprise < cap ? surprise : cap) - drift;
    const threshold = pools.evidence.threshold;
    this.#threshold = threshold;
    this.#isHealthy = false;
    if ((store.phase[series] ?? 0) >= PHASE.raised) return this.#whileRaised(series, plan, sum);
    const evidence = sum < 0 ? 0 : sum;
    store.evidence[series] = evidence;
    if (evidence > 0) this.#extendRun(series, old > 0);
    if (evidence >= threshold) {
      if (loss >= plan.leastLoss && bad >= this.#rules.clear.z) return this.#raise(series);
      store.evidence[series] = threshold;
    }
    if (evidence < CALM_SHARE * threshold || loss < plan.leastLoss) {
      this.#isHealthy = true;
      pools.tail.add(bad);
      pools.evidence.add(evidence);
      if (depth > 0) pools.zero.add(depth, isZero);
    }
    return 'quiet';
  }

  #extendRun(series: number, isRunning: boolean): void {
    const store = this.#store;
    const { residual } = this.reading;
    if (!isRunning) {
      store.since[series] = this.#period;
      store.shift[series] = residual;
      return;
    }
    const n = Math.min(50, this.#period - (store.since[series] ?? 0) + 1);
    const mean = store.shift[series] ?? 0;
    store.shift[series] = mean + (residual - mean) / Math.max(2, n);
  }

  #raise(series: number): Judgement {
    const store = this.#store;
    store.phase[series] = this.reading.isZero ? PHASE.raisedZero : PHASE.raised;
    store.raisedAt[series] = this.#period;
    store.lastBad[series] = this.#period;
    store.calm[series] = 0;
    return 'raised';
  }

  #whileRaised(series: number, plan: KpiPlan, sum: number): Judgement {
    const store = this.#store;
    const { loss, bad } = this.reading;
    store.evidence[series] = Math.max(0, Math.min(sum, 4 * this.#threshold));
    if (bad < this.#rules.clear.z || loss < plan.leastLoss / 2) {
      const calm = (store.calm[series] ?? 0) + 1;
      store.calm[series] = calm;
      return calm < this.#rules.clear.periods ? 'lasting' : 'cleared';
    }
    store.calm[series] = 0;
    store.lastBad[series] = this.#period;
    this.#extendRun(series, true);
    const isGone = plan.isAvailability || (plan.isTraffic && loss > 0.9);
    const lasted = this.#period - (store.raisedAt[series] ?? 0);
    if (isGone || lasted < this.#acceptAfter) return 'lasting';
    this.model.acceptShift(series);
    return 'accepted';
  }

  /** Ends an anomaly: the series starts afresh with no evidence against it. */
  settle(series: number): void {
    this.#store.phase[series] = PHASE.learning;
    this.#store.evidence[series] = 0;
    this.#store.calm[series] = 0;
  }
}

/** Share of cells and periods that may be beyond the threshold: from the wanted rate per month. */
export function falseShare(periodSeconds: number, rules: DetectionRules): number {
  const periodsPerMonth = (30 * 24 * HOUR_SECONDS) / periodSeconds;
  return rules.falseIncidentsPer1000CellsPerMonth / (1000 * periodsPerMonth);
}
