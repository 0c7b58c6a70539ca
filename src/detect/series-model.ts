import type { DayKind, Season } from './calendar.js';
import type { Column } from './column.js';
import { forward, type KpiPlan } from './kpi-plan.js';
import { learnColumn, type Pace } from './learn-column.js';
import type { DetectionRules } from './rules.js';
import { BLOCKS, KNOTS, PHASE, type SeriesStore } from './series-store.js';
import { beginWithShape, priorDays, shapeAt } from './shapes/newcomers.js';
import { profileAt, type ShapeModel } from './shapes/shape-model.js';
import { decodeSpread } from './spread-code.js';

const SEEN_MAX = 65_535;
const GATHER_LEAST = 12;
/** variance of a kind of day that was hardly seen, over the ordinary one; and of a holiday */
const SELDOM_SEEN = 4;
const HOLIDAY = 9;
const FEW_DAYS = 6;
const LONG_KNOWN = 100;
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
  readonly #gather: number;
  readonly #warm: number;
  /** the same for a series that began with a shape */
  readonly #warmNewcomer: number;
  readonly #pace: Pace;
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
    const visitShare = Math.min(1, KNOTS / this.#perDay);
    const spreadFull = rules.memory.spreadDays * this.#perDay;
    this.#pace = {
      perDay: this.#perDay,
      gather: this.#gather,
      levelRate: 1 - Math.exp(-1 / (rules.memory.levelDays * this.#perDay)),
      profileFull: rules.memory.profileDays * this.#perDay,
      spreadFull,
      profileRate: visitShare / rules.memory.profileDays,
      spreadRate: 1 / Math.max(2, spreadFull / BLOCKS),
      visitShare,
    };
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

  /** Fills in seen, warm, mean, variance and slack of a column; its series are past gathering. */
  predict(column: Column, plan: KpiPlan, season: Season, kpi: number): void {
    this.#expect(column, plan, season);
    if (column.isAnyUnseen) this.#predictUnseen(column, plan, season);
    if (column.isAnyYoung) this.#addBetween(column, season, kpi);
    column.hasSlack = season.kind !== 0;
    if (column.hasSlack) this.#predictSlack(column, plan, season);
  }

  /** Learns the healthy readings of a column, whose `predict` came before. */
  learn(column: Column, season: Season, plan: KpiPlan): void {
    if (column.isAnyUnseen) this.#inheritProfiles(column, season.kind);
    learnColumn(column, this.#store, { plan, season, pace: this.#pace });
  }

  /** Takes a lasting shift of the level for the new normal. */
  acceptShift(series: number): void {
    const store = this.#store;
    store.level[series] = (store.level[series] ?? 0) + (store.shift[series] ?? 0);
  }

  #expect(column: Column, plan: KpiPlan, season: Season): void {
    const { knots, level, spread: spreads, seen: learnt, prior, capacity } = this.#store;
    const { count, series, seen, mean, variance, warm } = column;
    const { isHoliday } = season;
    const weight1 = +season.weight1;
    const step = +plan.knotStep;
    const leastSpread = +plan.leastSpread;
    const perReading = 1 / this.#perDay;
    const blockAt = season.block * capacity;
    const ownAt = season.kind * capacity;
    const leftAt = (season.kind * KNOTS + season.knot0) * capacity;
    const rightAt = (season.kind * KNOTS + season.knot1) * capacity;
    const [warmAfter, warmNewcomerAfter] = [+this.#warm, +this.#warmNewcomer];
    let unseen = 0;
    let young = 0;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      const learntOwn = learnt[ownAt + s] ?? 0;
      const total =
        (learnt[s] ?? 0) + (learnt[capacity + s] ?? 0) + (learnt[2 * capacity + s] ?? 0);
      const own = priorDays(prior[s] ?? 0);
      const left = knots[leftAt + s] ?? 0;
      const shape = left + weight1 * ((knots[rightAt + s] ?? 0) - left);
      mean[i] = (level[s] ?? 0) + shape * step;
      seen[i] = total;
      warm[i] = total >= (own > 0 ? warmNewcomerAfter : warmAfter) ? 1 : 0;
      const code = spreads[blockAt + s] ?? 0;
      const spread = Math.max(code === 0 ? 1 : decodeSpread(code), leastSpread);
      const days = learntOwn * perReading;
      variance[i] = spread * spread * (isHoliday ? HOLIDAY : doubtAfter(days + own));
      if (own === 0 && learntOwn === 0) unseen++;
      if (own > 0 && days < FEW_DAYS) young++;
    }
    column.isAnyUnseen = unseen > 0;
    column.isAnyYoung = young > 0;
  }

  /** Series that have not learnt this kind of day yet: another one stands in. */
  #predictUnseen(column: Column, plan: KpiPlan, season: Season): void {
    const { knots, level, seen: learnt, prior, capacity } = this.#store;
    const { count, series, mean } = column;
    const { kind, knot0, knot1, weight1 } = season;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      if ((prior[s] ?? 0) > 0 || (learnt[kind * capacity + s] ?? 0) > 0) continue;
      const base = this.#standIn(s, kind) * KNOTS * capacity + s;
      const left = knots[base + knot0 * capacity] ?? 0;
      const shape = left + weight1 * ((knots[base + knot1 * capacity] ?? 0) - left);
      mean[i] = (level[s] ?? 0) + shape * plan.knotStep;
    }
  }

  /** Young series that began with a shape may differ from it as objects of their cluster do. */
  #addBetween(column: Column, season: Season, kpi: number): void {
    const { seen: learnt, prior, capacity } = this.#store;
    const { count, series, object, variance } = column;
    const perReading = 1 / this.#perDay;
    for (let i = 0; i < count; i++) {
      const s = series[i] ?? 0;
      const days = (learnt[season.kind * capacity + s] ?? 0) * perReading;
      const own = priorDays(prior[s] ?? 0);
      if (own === 0 || days >= FEW_DAYS) continue;
      const between = this.#between(object[i] ?? 0, kpi, season);
      variance[i] = (variance[i] ?? 0) + (between * own) / (days + own);
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
    slack.fill(0, 0, count);
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

  /** Variance of profiles in an object's cluster at a time of the week. */
  #between(object: number, kpi: number, { kind, knot0, knot1, weight1 }: Season): number {
    const model = this.shapes;
    if (!model) return 0;
    const kpis = model.strengths.length / (model.clusters + 1);
    const at = profileAt(kpis, this.clusterOf[object] ?? 0, kpi) + kind * KNOTS;
    return shapeAt(model.between, at, { knot0, knot1, weight1 });
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
