import { EvidencePool } from './evidence-pool.js';
import type { KpiPlan } from './kpi-plan.js';
import { CONTRIBUTES } from './object-block.js';
import type { Reading } from './reading.js';
import type { DetectionRules } from './rules.js';
import { PHASE, type SeriesStore } from './series-store.js';
import type { StateReader, StateWriter } from './state-codec.js';

/** What became of a KPI; after `cleared` and `accepted` the caller tells it, then `settle`s. */
export type Judgement = 'quiet' | 'raised' | 'lasting' | 'cleared' | 'accepted' | 'acceptedByWord';

const HOUR_SECONDS = 3600;
const FURTHER_SHARE = 0.5;
const JOINS = 6;
/** what an anomaly is at least taken for: less than once in a hundred periods */
const LEAST_NATS = 4.6;
const CALM_SHARE = 0.5;
const GREATEST_RESTLESSNESS = 8;
const RESTLESS_DAYS = 7;
/** objects more restless than this do not set the lane's threshold */
const CALM_RESTLESSNESS = 1.5;
/** mean evidence against an object whose KPIs are as their models say */
const ORDINARY_REST = 0.3;
/** evidence that an object does not stand at without a reason, be it its own unrest */
const EPISODE_NATS = 4;

/**
 * One verdict on an object from the evidence against all its KPIs: the strongest counts in full,
 * each further one half of the one before, each with its weight. The threshold comes from the wanted
 * rate of false alarms and from the same statistic of all healthy objects of the lane; an object that
 * is restless by nature is measured by its own unrest.
 */
export class ObjectJudge {
  readonly #store: SeriesStore;
  readonly #plans: readonly KpiPlan[];
  readonly #rules: DetectionRules;
  readonly #pool: EvidencePool;
  readonly #acceptAfter: number;
  readonly #restRate: number;
  /** nats that the wanted false alarm rate asks for */
  readonly #enough: number;
  readonly #top: Float64Array;
  /** objects whose deviations an operator takes for normal, until their next report */
  readonly #accepted = new Set<number>();
  #rest = new Float32Array(0);
  /** evidence of an object's present episode, which counts as its unrest once it is over */
  #episode = new Float32Array(0);
  #period = 0;
  #learnsUnrest = true;

  constructor(
    store: SeriesStore,
    plans: readonly KpiPlan[],
    periodSeconds: number,
    rules: DetectionRules,
  ) {
    this.#store = store;
    this.#plans = plans;
    this.#rules = rules;
    const target = falseShare(periodSeconds, rules);
    this.#enough = -Math.log(target);
    this.#pool = new EvidencePool(target);
    this.#acceptAfter = (rules.newLevelAfterHours * HOUR_SECONDS) / periodSeconds;
    this.#restRate = periodSeconds / (RESTLESS_DAYS * 24 * HOUR_SECONDS);
    this.#top = new Float64Array(plans.length);
  }

  /** Evidence up to which a series is held to be well. */
  get calmBelow(): number {
    return CALM_SHARE * this.#pool.threshold;
  }

  /** What an operator's correction makes of the wanted share; 1 without one. */
  get rateFactor(): number {
    return this.#pool.factor;
  }

  reserve(objects: number): void {
    if (objects <= this.#rest.length) return;
    let capacity = Math.max(64, this.#rest.length);
    while (capacity < objects) capacity *= 2;
    this.#rest = wide(this.#rest, capacity);
    this.#episode = wide(this.#episode, capacity);
  }

  /**
   * Names the period that is judged from now on.
   * @param isHoliday bands are wide on one, so that little stands against anybody: nothing is learnt
   *   of unrest, lest the day after finds the restless thought calm
   */
  beginPeriod(period: number, isHoliday: boolean): void {
    this.#period = period;
    this.#learnsUnrest = !isHoliday;
  }

  /** @param isBoundary whether the threshold may forget now */
  endPeriod(isBoundary: boolean): void {
    this.#pool.endPeriod(isBoundary);
  }

  /** Takes an object's deviations for its new normal when it next reports, if it has any. */
  accept(object: number): void {
    if (this.#isRaised(object * this.#plans.length)) this.#accepted.add(object);
  }

  /** Corrects the share that may be raised by chance. @param factor held within [0.01, 100] */
  correct(factor: number): void {
    this.#pool.correct(Math.min(100, Math.max(0.01, factor)));
  }

  /** Notes that nothing at all stands against an object of which something is warm. */
  noteQuiet(object: number): void {
    this.#noteHealthy(object, 0);
  }

  /**
   * Judges an object against which something stands, or is raised. Sets `judgements` per KPI.
   * @returns whether any judgement is other than quiet
   */
  judge(object: number, readings: readonly Reading[], judgements: Judgement[]): boolean {
    const width = this.#plans.length;
    const base = object * width;
    const isRaised = this.#isRaised(base);
    judgements.fill('quiet');
    const evidence = this.#combined(base, readings) / this.restlessness(object);
    const isBad = evidence >= this.#pool.threshold;
    if (!isBad && !isRaised && !this.#isOffAir(readings)) {
      this.#noteHealthy(object, evidence);
      return false;
    }
    this.#episode[object] = 0;
    let isAny = false;
    for (let kpi = 0; kpi < width; kpi++) {
      const reading = readings[kpi];
      if (reading?.isWarm !== true) continue;
      const judgement = this.#judgeKpi(base + kpi, kpi, reading, isBad ? CONTRIBUTES : JOINS);
      judgements[kpi] = judgement;
      isAny ||= judgement !== 'quiet';
    }
    this.#accepted.delete(object);
    return isAny;
  }

  /** How improbable the evidence against a series is by chance, in nats: -ln P. */
  nats(object: number, series: number): number {
    const own = (this.#store.evidence[series] ?? 0) / this.restlessness(object);
    return Math.max(LEAST_NATS, (this.#enough * own) / this.#pool.threshold);
  }

  /** All evidence against an object over the strongest single one, >= 1. */
  boost(object: number, readings: readonly Reading[]): number {
    const all = this.#combined(object * this.#plans.length, readings);
    const strongest = this.#top[0] ?? 0;
    return strongest > 0 && all > strongest ? all / strongest : 1;
  }

  /** The object's own mean evidence over the ordinary one, in [1, 8]. */
  restlessness(object: number): number {
    const own = (this.#rest[object] ?? 0) / ORDINARY_REST;
    return own < 1 ? 1 : Math.min(GREATEST_RESTLESSNESS, own);
  }

  /** Ends an anomaly: the series starts afresh with no evidence against it. */
  settle(series: number): void {
    this.#store.phase[series] = PHASE.learning;
    this.#store.evidence[series] = 0;
    this.#store.calm[series] = 0;
  }

  clear(object: number): void {
    this.#rest[object] = 0;
    this.#episode[object] = 0;
    this.#accepted.delete(object);
  }

  save(writer: StateWriter, name: string, objects: number): void {
    this.#pool.save(writer, `${name}.evidence`);
    writer.json(`${name}.accepted`, [...this.#accepted]);
    writer.array(`${name}.rest`, this.#rest.subarray(0, objects));
    writer.array(`${name}.episode`, this.#episode.subarray(0, objects));
  }

  load(reader: StateReader, name: string): void {
    this.#pool.load(reader, `${name}.evidence`);
    this.reserve(reader.length(`${name}.rest`));
    reader.into(`${name}.rest`, this.#rest);
    if (reader.has(`${name}.episode`)) reader.into(`${name}.episode`, this.#episode);
    if (!reader.has(`${name}.accepted`)) return;
    for (const object of reader.json<number[]>(`${name}.accepted`)) this.#accepted.add(object);
  }

  #isRaised(base: number): boolean {
    for (let kpi = 0; kpi < this.#plans.length; kpi++) {
      if ((this.#store.phase[base + kpi] ?? 0) >= PHASE.raised) return true;
    }
    return false;
  }

  #isOffAir(readings: readonly Reading[]): boolean {
    return this.#plans.some((plan, kpi) => {
      const reading = readings[kpi];
      return plan.isAvailability && reading?.isWarm === true && reading.loss >= plan.leastLoss;
    });
  }

  /**
   * Learns an object's unrest. What may be the beginning of trouble is kept apart until it is over,
   * lest a shallow loss hide itself; an episode that led to a verdict is no unrest.
   */
  #noteHealthy(object: number, evidence: number): void {
    if (!this.#learnsUnrest) return;
    if (this.restlessness(object) < CALM_RESTLESSNESS) this.#pool.add(evidence);
    const own = evidence * this.restlessness(object);
    if (evidence > EPISODE_NATS) {
      this.#episode[object] = (this.#episode[object] ?? 0) + own;
      return;
    }
    const rest = this.#rest[object] ?? 0;
    const episode = this.#episode[object] ?? 0;
    this.#rest[object] = rest + this.#restRate * (own + episode - rest);
    this.#episode[object] = 0;
  }

  /** Strongest evidence in full, each further one half of the one before; only what matters. */
  #combined(base: number, readings: readonly Reading[]): number {
    const top = this.#top;
    let count = 0;
    for (let kpi = 0; kpi < top.length; kpi++) {
      const plan = this.#plans[kpi];
      const reading = readings[kpi];
      if (!plan || reading?.isWarm !== true || reading.loss < plan.leastLoss) continue;
      const value = weightOf(plan) * (this.#store.evidence[base + kpi] ?? 0);
      let at = count++;
      while (at > 0 && (top[at - 1] ?? 0) < value) {
        top[at] = top[at - 1] ?? 0;
        at--;
      }
      top[at] = value;
    }
    let sum = 0;
    let share = 1;
    for (let i = 0; i < count; i++) {
      sum += share * (top[i] ?? 0);
      share *= FURTHER_SHARE;
    }
    return sum;
  }

  #judgeKpi(series: number, kpi: number, reading: Reading, least: number): Judgement {
    const store = this.#store;
    const plan = this.#plans[kpi];
    if (!plan) return 'quiet';
    const evidence = store.evidence[series] ?? 0;
    if ((store.phase[series] ?? 0) >= PHASE.raised) return this.#whileRaised(series, plan, reading);
    const isBad = reading.loss >= plan.leastLoss && reading.bad >= this.#rules.clear.z;
    // time off air is a fact and needs no evidence over periods; its score says how usual it is
    if (!isBad || (evidence < least && !plan.isAvailability)) return 'quiet';
    if (evidence === 0) store.since[series] = this.#period;
    store.phase[series] = reading.isZero ? PHASE.raisedZero : PHASE.raised;
    store.raisedAt[series] = this.#period;
    store.lastBad[series] = this.#period;
    store.calm[series] = 0;
    return 'raised';
  }

  #whileRaised(series: number, plan: KpiPlan, reading: Reading): Judgement {
    const store = this.#store;
    if (this.#accepted.has(Math.floor(series / this.#plans.length))) return 'acceptedByWord';
    if (reading.bad < this.#rules.clear.z || reading.loss < plan.leastLoss / 2) {
      const calm = (store.calm[series] ?? 0) + 1;
      store.calm[series] = calm;
      return calm < this.#rules.clear.periods ? 'lasting' : 'cleared';
    }
    store.calm[series] = 0;
    store.lastBad[series] = this.#period;
    const isGone = plan.isAvailability || (plan.isTraffic && reading.loss > 0.9);
    const lasted = this.#period - (store.raisedAt[series] ?? 0);
    return isGone || lasted < this.#acceptAfter ? 'lasting' : 'accepted';
  }
}

function wide(values: Float32Array, capacity: number): Float32Array<ArrayBuffer> {
  const copy = new Float32Array(capacity);
  copy.set(values);
  return copy;
}

/** KPIs of the usual weight and above count in full. */
function weightOf(plan: KpiPlan): number {
  return plan.weight < 1 ? plan.weight : 1;
}

/** Share of objects and periods that may be beyond the threshold: from the wanted rate per month. */
export function falseShare(periodSeconds: number, rules: DetectionRules): number {
  const periodsPerMonth = (30 * 24 * HOUR_SECONDS) / periodSeconds;
  return rules.falseIncidentsPer1000CellsPerMonth / (1000 * periodsPerMonth);
}
