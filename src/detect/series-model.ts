import type { DayKind, Season } from './calendar.js';
import type { Column } from './column.js';
import { forward, type KpiPlan } from './kpi-plan.js';
import type { DetectionRules } from './rules.js';
import { BLOCKS, KNOTS, PHASE, type SeriesStore } from './series-store.js';
import { beginWithShape, priorDays, shapeAt } from './shapes/newcomers.js';
import { profileAt, type ShapeModel } from './shapes/shape-model.js';
import { decodeSpread, encodeSpread, stepSpread } from './spread-code.js';

const SEEN_MAX = 65_535;
const GATHER_LEAST = 12;
/** residuals move level and profile by at most this many standard deviations */
const CLIP = 3;
/** variance of a kind of day that was hardly seen, over the ordinary one; and of a holiday */
const SELDOM_SEEN = 4;
const HOLIDAY = 9;
const FEW_DAYS = 6;
const LONG_KNOWN = 100;
/** a prior scatter is worth this many days of readings */
const SPREAD_PRIOR_DAYS = 1;
const DAY_SECONDS = 86_400;

/** One reading of a series' first day. */
export interface Gathered {
  readonly plan: KpiPlan;
  readonly x: number;
  readonly attempts: number;
  readonly season: Season;
}

/**
 * Robust seasonal baseline of each series: a level, a profile over the local hours of day for each
 * kind of day (linear between half-hour knots), and a scatter per block of three hours. All are
 * learnt by clipped stochastic gradient steps whose rates fall as 1/n down to the set memory, so
 * that one wild reading moves nothing much (Huber 1964).
 */
export class SeriesModel {
  readonly #store: SeriesStore;
  readonly #perDay: number;
  /** readings after which the rates of profile and scatter stay as they are */
  readonly #profileFull: number;
  readonly #spreadFull: number;
  readonly #gather: number;
  readonly #warm: number;
  /** the same for a series that began with a shape */
  readonly #warmNewcomer: number;
  readonly #levelRate: number;
  readonly #profileRate: number;
  readonly #visitShare: number;
  readonly #spreadRate: number;
  /** shapes that new series begin with; null before there are any */
  shapes: ShapeModel | null = null;
  /** cluster of each object */
  clusterOf = new Uint8Array(0);

  constructor(store: SeriesStore, periodSeconds: number, rules: DetectionRules) {
    this.#store = store;
    this.#perDay = DAY_SECONDS / periodSeconds;
    this.#gather = Math.max(GATHER_LEAST, Math.round(this.#perDay));
    this.#warm = Math.max(this.#gather, (rules.warmupDays - 1) * this.#perDay);
    this.#warmNewcomer = Math.max(this.#gather, (rules.shapes.newcomerDays - 1) * this.#perDay);
    this.#levelRate = 1 - Math.exp(-1 / (rules.memory.levelDays * this.#perDay));
    this.#visitShare = Math.min(1, KNOTS / this.#perDay);
    this.#profileRate = this.#visitShare / rules.memory.profileDays;
    this.#profileFull = rules.memory.profileDays * this.#perDay;
    this.#spreadFull = rules.memory.spreadDays * this.#perDay;
    this.#spreadRate = 1 / Math.max(2, this.#spreadFull / BLOCKS);
  }

  /**
   * First day of a series: only its mean is gathered, which sets its unit and level. Where there are
   * shapes, the mean of the shape over the very same readings is gathered beside it, so that the
   * level is right whatever hours were reported.
   *
   * @returns whether the series is still in it
   */
  gather(series: number, kpi: number, reading: Gathered): boolean {
    const store = this.#store;
    if (store.phase[series] !== PHASE.gathering) return false;
    const { plan, x, attempts } = reading;
    const n = (store.seen[series] ?? 0) + 1;
    const y = plan.scale === 'share' ? forward(plan, x, attempts, 1) : Math.abs(x);
    const mean = (store.level[series] ?? 0) + (y - (store.level[series] ?? 0)) / n;
    store.level[series] = mean;
    store.seen[series] = Math.min(SEEN_MAX, n);
    const shape = this.#gatherShape(series, kpi, reading, n);
    if (n < this.#gather) return true;
    store.seen[series] = 0;
    store.phase[series] = PHASE.learning;
    const unit = plan.scale === 'share' || mean <= 1e-6 ? 1 : mean;
    store.unit[series] = unit;
    if (plan.scale === 'linear') store.level[series] = forward(plan, x, attempts, unit) - shape;
    else if (plan.scale === 'share') store.level[series] = mean - shape;
    else
      store.level[series] = forward(plan, mean, attempts, unit) - Math.log(shape > 0 ? shape : 1);
    store.shift[series] = 0;
    if ((store.prior[series] ?? 0) > 0) this.#beginWithShape(series, kpi, plan);
    return true;
  }

  /** @returns what the shape adds to the level: on a log scale as a factor, else as a term */
  #gatherShape(series: number, kpi: number, { plan, season }: Gathered, n: number): number {
    const store = this.#store;
    const { shapes } = this;
    if (!shapes || (shapes.strengths[kpi] ?? 0) === 0) store.prior[series] = 0;
    else if (n === 1) store.prior[series] = 1;
    if ((store.prior[series] ?? 0) === 0 || !shapes) return 0;
    const at =
      profileAt(shapes.strengths.length / (shapes.clusters + 1), 0, kpi) + season.kind * KNOTS;
    const term = shapeAt(shapes.profiles, at, season);
    if (plan.scale === 'linear') return term;
    const gathered = plan.scale === 'log' ? Math.exp(term) : term;
    const mean = (store.shift[series] ?? 0) + (gathered - (store.shift[series] ?? 0)) / n;
    store.shift[series] = mean;
    return mean;
  }

  #beginWithShape(series: number, kpi: number, plan: KpiPlan): void {
    const model = this.shapes;
    if (!model) return;
    const kpis = model.strengths.length / (model.clusters + 1);
    beginWithShape({ store: this.#store, series, plan, model, kpis, kpi, perDay: this.#perDay });
  }

  /** Fills in seen, warm, mean, sd and slack of a column; its series are past gathering. */
  predict(column: Column, plan: KpiPlan, season: Season, kpi: number): void {
    const { knots, level, seen: learnt, prior, capacity } = this.#store;
    const { count, series, seen, mean, warm } = column;
    const { kind, knot0, knot1, weight1 } = season;
    const step = plan.knotStep;
    const ownAt = kind * capacity;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      const total =
        (learnt[s] ?? 0) + (learnt[capacity + s] ?? 0) + (learnt[2 * capacity + s] ?? 0);
      const isShaped = (prior[s] ?? 0) > 0;
      const from = isShaped || (learnt[ownAt + s] ?? 0) > 0 ? kind : this.#standIn(s, kind);
      const base = from * KNOTS * capacity + s;
      const left = knots[base + knot0 * capacity] ?? 0;
      const shape = left + weight1 * ((knots[base + knot1 * capacity] ?? 0) - left);
      mean[i] = (level[s] ?? 0) + shape * step;
      seen[i] = total;
      warm[i] = total >= (isShaped ? this.#warmNewcomer : this.#warm) ? 1 : 0;
    }
    this.#predictSpread(column, plan, season, kpi);
    column.slack.fill(0, 0, count);
    if (kind !== 0) this.#predictSlack(column, plan, season);
  }

  /** Learns the healthy readings of a column, whose `predict` came before. */
  learn(column: Column, season: Season, plan: KpiPlan): void {
    this.#inheritProfiles(column, season.kind);
    this.#learnSpread(column, season.block, plan);
    const { knots, level, seen: learnt, prior, capacity } = this.#store;
    const { count, series, seen, residual, sd, healthy } = column;
    const { kind, knot0, knot1, weight1 } = season;
    const early = 2 * this.#perDay;
    const steps = 1 / plan.knotStep;
    const ownAt = kind * capacity;
    const leftAt = (kind * KNOTS + knot0) * capacity;
    const rightAt = (kind * KNOTS + knot1) * capacity;
    for (let i = 0; i < count; i++) {
      if (healthy[i] === 0) continue;
      const s = series[i] ?? 0;
      const isEarly = (seen[i] ?? 0) < early;
      const own = learnt[ownAt + s] ?? 0;
      const code = prior[s] ?? 0;
      const bound = isEarly ? Number.POSITIVE_INFINITY : CLIP * (sd[i] ?? 0);
      const full = residual[i] ?? 0;
      const r = full > bound ? bound : full < -bound ? -bound : full;
      if (code > 0) level[s] = (level[s] ?? 0) + this.#youngLevelRate(seen[i] ?? 0, plan) * r;
      else if (!isEarly) level[s] = (level[s] ?? 0) + this.#levelRate * r;
      const change = r * this.#rate(own, code) * steps;
      const moveLeft = (1 - weight1) * change;
      const moveRight = weight1 * change;
      knots[leftAt + s] = clampStep((knots[leftAt + s] ?? 0) + moveLeft);
      knots[rightAt + s] = clampStep((knots[rightAt + s] ?? 0) + moveRight);
      if (own < SEEN_MAX) learnt[ownAt + s] = own + 1;
    }
  }

  /** Takes a lasting shift of the level for the new normal. */
  acceptShift(series: number): void {
    const store = this.#store;
    store.level[series] = (store.level[series] ?? 0) + (store.shift[series] ?? 0);
  }

  #predictSpread(column: Column, plan: KpiPlan, season: Season, kpi: number): void {
    const { spread: spreads, seen: learnt, prior, capacity } = this.#store;
    const { count, series, attempts, sd } = column;
    const { kind, block, isHoliday } = season;
    const { leastSpread, isRatio } = plan;
    const perReading = 1 / this.#perDay;
    const blockAt = block * capacity;
    const ownAt = kind * capacity;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      const code = spreads[blockAt + s] ?? 0;
      let spread = code === 0 ? 1 : decodeSpread(code);
      if (spread < leastSpread) spread = leastSpread;
      const days = (learnt[ownAt + s] ?? 0) * perReading;
      const own = priorDays(prior[s] ?? 0);
      let variance = spread * spread * (isHoliday ? HOLIDAY : doubtAfter(days + own));
      if (own > 0 && days < FEW_DAYS) {
        variance += (this.#between(column.object[i] ?? 0, kpi, season) * own) / (days + own);
      }
      const n = attempts[i] ?? Number.NaN;
      sd[i] = Math.sqrt(isRatio && n === n ? variance + 1 / (n + 0.75) : variance);
    }
  }

  /**
   * Days off differ: while few of a kind were seen, a day like the other kind of day off is no
   * surprise. The slack is how much worse the other kind is, on the KPI's scale.
   */
  #predictSlack(column: Column, plan: KpiPlan, season: Season): void {
    const { knots, level, seen: learnt, capacity } = this.#store;
    const { count, series, slack, mean } = column;
    const { kind, knot0, knot1, weight1, isHoliday } = season;
    const other = 3 - kind;
    const few = FEW_DAYS * this.#perDay;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      if (!isHoliday && (learnt[kind * capacity + s] ?? 0) >= few) continue;
      if ((learnt[other * capacity + s] ?? 0) === 0) continue;
      const base = other * KNOTS * capacity + s;
      const left = knots[base + knot0 * capacity] ?? 0;
      const shape = left + weight1 * ((knots[base + knot1 * capacity] ?? 0) - left);
      const change = (level[s] ?? 0) + shape * plan.knotStep - (mean[i] ?? 0);
      const worse = plan.bad === 0 ? Math.abs(change) : plan.bad * change;
      if (worse > 0) slack[i] = worse;
    }
  }

  #learnSpread(column: Column, block: number, plan: KpiPlan): void {
    const { spread: spreads, prior, capacity } = this.#store;
    const { count, series, seen, residual, z, healthy } = column;
    const full = this.#spreadFull;
    const shaped = SPREAD_PRIOR_DAYS * this.#perDay;
    for (let i = 0; i < count; i++) {
      if (healthy[i] === 0) continue;
      const s = series[i] ?? 0;
      const at = block * capacity + s;
      const code = spreads[at] ?? 0;
      const total = seen[i] ?? 0;
      const counted = (prior[s] ?? 0) > 0 ? total + shaped : total;
      const rate = total >= full ? this.#spreadRate : 1 / (counted / BLOCKS + 2);
      spreads[at] =
        code === 0
          ? encodeSpread(Math.max(Math.abs(residual[i] ?? 0), 3 * plan.leastSpread))
          : stepSpread(code, z[i] ?? 0, rate);
    }
  }

  /** Variance of profiles in an object's cluster at a time of the week. */
  #between(object: number, kpi: number, { kind, knot0, knot1, weight1 }: Season): number {
    const model = this.shapes;
    if (!model) return 0;
    const kpis = model.strengths.length / (model.clusters + 1);
    const at = profileAt(kpis, this.clusterOf[object] ?? 0, kpi) + kind * KNOTS;
    return shapeAt(model.between, at, { knot0, knot1, weight1 });
  }

  /** Share of a residual that the profile takes: n days of its own count beside those of the prior. */
  #rate(own: number, prior: number): number {
    if (own >= this.#profileFull) return this.#profileRate;
    return this.#visitShare / (own / this.#perDay + 1 + priorDays(prior));
  }

  /** The level of a series that began with a shape is the mean of all its readings so far. */
  #youngLevelRate(total: number, plan: KpiPlan): number {
    const gathered = plan.scale === 'linear' ? 1 : this.#gather;
    return Math.max(this.#levelRate, 1 / (total + gathered + 1));
  }

  /** The kind of day whose profile serves for one that was not seen yet. */
  #standIn(series: number, kind: DayKind): DayKind {
    const { seen, capacity } = this.#store;
    const other = kind === 1 ? 2 : 1;
    if (kind !== 0) return (seen[other * capacity + series] ?? 0) > 0 ? other : 0;
    return (seen[capacity + series] ?? 0) > 0 ? 1 : (seen[2 * capacity + series] ?? 0) > 0 ? 2 : 0;
  }

  /** A kind of day that is learnt for the first time begins with the profile of its stand-in. */
  #inheritProfiles(column: Column, kind: DayKind): void {
    const { knots, seen: learnt, prior, capacity } = this.#store;
    const { count, series, seen, healthy } = column;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      if ((prior[s] ?? 0) > 0) continue;
      if ((learnt[kind * capacity + s] ?? 0) > 0 || seen[i] === 0 || healthy[i] === 0) continue;
      const from = this.#standIn(s, kind);
      for (let knot = 0; knot < KNOTS; knot++) {
        const shape = knots[(from * KNOTS + knot) * capacity + s] ?? 0;
        knots[(kind * KNOTS + knot) * capacity + s] = shape;
      }
    }
  }
}

/** Variance of a prediction over that of a reading, after so many days of that kind. */
function doubtAfter(days: number): number {
  if (days >= LONG_KNOWN) return 1;
  return days < 0.9 ? SELDOM_SEEN : 1 + 3 / (days + 0.5);
}

/** Rounds to the nearest step that 16 bits hold. */
function clampStep(value: number): number {
  if (value > 32_767) return 32_767;
  return value < -32_767 ? -32_767 : ((value + 32_768.5) | 0) - 32_768;
}
