import type { DayKind, Season } from './calendar.js';
import { forward, type KpiPlan } from './kpi-plan.js';
import type { Reading } from './reading.js';
import type { DetectionRules } from './rules.js';
import { BLOCKS, KINDS, KNOTS, PHASE, type SeriesStore } from './series-store.js';

const SPREAD_STEPS = 2048;
const SPREAD_ZERO = 40_960;
const SEEN_MAX = 65_535;
const GATHER_LEAST = 12;
const CLIP = 3;
/** residuals count for at most this many standard deviations in the scatter */
const SPREAD_CLIP = 5;
/** variance of a kind of day that was hardly seen, over the ordinary one; and of a holiday */
const SELDOM_SEEN = 4;
const HOLIDAY = 9;
const FEW_DAYS = 6;
const LONG_KNOWN = 100;
const DAY_SECONDS = 86_400;

/**
 * Robust seasonal baseline of one series: a level, a profile over the local hours of day for each
 * kind of day (linear between half-hour knots), and a scatter per block of three hours. All
 * are learnt by clipped stochastic gradient steps whose rates fall as 1/n down to the set memory,
 * so that one wild reading moves nothing much (Huber 1964). On the hot path: no allocation.
 */
export class SeriesModel {
  readonly #store: SeriesStore;
  readonly #perDay: number;
  readonly #dayPerReading: number;
  /** readings after which the rates of profile and scatter stay as they are */
  readonly #profileFull: number;
  readonly #spreadFull: number;
  readonly #gather: number;
  readonly #warm: number;
  readonly #levelRate: number;
  readonly #profileRate: number;
  readonly #visitShare: number;
  readonly #spreadRate: number;

  constructor(store: SeriesStore, periodSeconds: number, rules: DetectionRules) {
    this.#store = store;
    this.#perDay = DAY_SECONDS / periodSeconds;
    this.#dayPerReading = 1 / this.#perDay;
    this.#gather = Math.max(GATHER_LEAST, Math.round(this.#perDay));
    this.#warm = Math.max(this.#gather, (rules.warmupDays - 1) * this.#perDay);
    this.#levelRate = 1 - Math.exp(-1 / (rules.memory.levelDays * this.#perDay));
    this.#profileRate = 1 / rules.memory.profileDays;
    this.#profileFull = rules.memory.profileDays * this.#perDay;
    this.#visitShare = Math.min(1, KNOTS / this.#perDay);
    this.#spreadFull = rules.memory.spreadDays * this.#perDay;
    this.#spreadRate = 1 / Math.max(2, (rules.memory.spreadDays * this.#perDay) / BLOCKS);
  }

  /**
   * First day of a series: only its mean is gathered, which sets its unit and level.
   * @returns whether the series is still in it
   */
  gather(series: number, plan: KpiPlan, x: number, attempts: number): boolean {
    const store = this.#store;
    if (store.phase[series] !== PHASE.gathering) return false;
    const counter = KINDS * series;
    const n = (store.seen[counter] ?? 0) + 1;
    const y = plan.scale === 'share' ? forward(plan, x, attempts, 1) : Math.abs(x);
    const mean = (store.level[series] ?? 0) + (y - (store.level[series] ?? 0)) / n;
    store.level[series] = mean;
    store.seen[counter] = Math.min(SEEN_MAX, n);
    if (n < this.#gather) return true;
    store.seen[counter] = 0;
    store.phase[series] = PHASE.learning;
    if (plan.scale === 'share') {
      store.unit[series] = 1;
    } else {
      const unit = mean > 1e-6 ? mean : 1;
      store.unit[series] = unit;
      store.level[series] = forward(plan, plan.scale === 'linear' ? x : mean, attempts, unit);
    }
    return true;
  }

  /**
   * Fills in mean, sd, unit and warmth for a series that is past gathering.
   * @param attempts denominator of a ratio, NaN when unknown
   */
  predict(series: number, plan: KpiPlan, season: Season, attempts: number, reading: Reading): void {
    const store = this.#store;
    const own = store.seen[series * KINDS + season.kind] ?? 0;
    const total = this.seen(series);
    const kind = own > 0 ? season.kind : this.#standIn(series, season.kind);
    const base = (series * KINDS + kind) * KNOTS;
    const shape = this.#shapeAt(base, season);
    const code = store.spread[series * BLOCKS + season.block] ?? 0;
    let spread = code === 0 ? 1 : decodeSpread(code);
    if (spread < plan.leastSpread) spread = plan.leastSpread;
    const days = own * this.#dayPerReading;
    const doubt = season.isHoliday ? HOLIDAY : doubtAfter(days);
    const sampling = attempts === attempts ? 1 / (attempts + 0.75) : 0;
    reading.slack = 0;
    if (season.kind !== 0 && (season.isHoliday || days < FEW_DAYS)) {
      reading.slack = this.#slack(series, plan, season, shape);
    }
    reading.mean = (store.level[series] ?? 0) + shape * plan.knotStep;
    reading.sd = Math.sqrt(spread * spread * doubt + sampling);
    reading.unit = store.unit[series] ?? 1;
    reading.seen = total;
    reading.isWarm = total >= this.#warm;
  }

  /** Learns a healthy reading; `predict` of the same series and season comes first. */
  learn(series: number, plan: KpiPlan, season: Season, reading: Reading): void {
    const store = this.#store;
    const slot = KINDS * series + season.kind;
    const own = store.seen[slot] ?? 0;
    const total = reading.seen;
    if (own === 0 && total > 0) this.#inherit(series, season.kind);
    const { residual, sd } = reading;
    const isEarly = total < 2 * this.#perDay;
    const bound = isEarly ? Number.POSITIVE_INFINITY : CLIP * sd;
    const r = residual > bound ? bound : residual < -bound ? -bound : residual;
    if (!isEarly) store.level[series] = (store.level[series] ?? 0) + this.#levelRate * r;
    this.#learnShape(series, season, r * this.#rate(own) * plan.stepsPerUnit);
    this.#learnSpread(series * BLOCKS + season.block, plan, reading, total);
    if (own < SEEN_MAX) store.seen[slot] = own + 1;
  }

  /** Takes a lasting shift of the level for the new normal. */
  acceptShift(series: number): void {
    const store = this.#store;
    store.level[series] = (store.level[series] ?? 0) + (store.shift[series] ?? 0);
  }

  #shapeAt(base: number, season: Season): number {
    const { knots } = this.#store;
    return (
      (1 - season.weight1) * (knots[base + season.knot0] ?? 0) +
      season.weight1 * (knots[base + season.knot1] ?? 0)
    );
  }

  /**
   * Days off differ: while few of a kind were seen, a day like the other kind of day off is no
   * surprise. @returns how much worse the other kind is, on the KPI's scale
   */
  #slack(series: number, plan: KpiPlan, season: Season, shape: number): number {
    const other = 3 - season.kind;
    if ((this.#store.seen[series * KINDS + other] ?? 0) === 0) return 0;
    const change = this.#shapeAt((series * KINDS + other) * KNOTS, season) - shape;
    const worse = plan.bad === 0 ? Math.abs(change) : plan.bad * change;
    return worse > 0 ? worse * plan.knotStep : 0;
  }

  #rate(own: number): number {
    if (own >= this.#profileFull) return this.#visitShare * this.#profileRate;
    return this.#visitShare / Math.max(own * this.#dayPerReading + 1, 1);
  }

  #learnShape(series: number, season: Season, steps: number): void {
    const knots = this.#store.knots;
    const base = (series * KINDS + season.kind) * KNOTS;
    const a = base + season.knot0;
    const b = base + season.knot1;
    knots[a] = clampStep((knots[a] ?? 0) + Math.round((1 - season.weight1) * steps));
    knots[b] = clampStep((knots[b] ?? 0) + Math.round(season.weight1 * steps));
  }

  #learnSpread(at: number, plan: KpiPlan, { residual, sd }: Reading, total: number): void {
    const spreads = this.#store.spread;
    const code = spreads[at] ?? 0;
    const size = Math.abs(residual);
    if (code === 0) {
      spreads[at] = encodeSpread(Math.max(size, 3 * plan.leastSpread));
      return;
    }
    const isFull = total >= this.#spreadFull;
    const rate = isFull ? this.#spreadRate : Math.max(1 / (total / BLOCKS + 2), this.#spreadRate);
    const q = Math.min(SPREAD_CLIP, size / sd);
    const next = code + Math.round((SPREAD_STEPS / 2) * logGrowth(rate * (q * q - 1)));
    spreads[at] = next < 1 ? 1 : next > SEEN_MAX ? SEEN_MAX : next;
  }

  /** Readings learnt on all kinds of day. */
  seen(series: number): number {
    const { seen } = this.#store;
    const at = KINDS * series;
    return (seen[at] ?? 0) + (seen[at + 1] ?? 0) + (seen[at + 2] ?? 0);
  }

  /** The kind of day whose profile serves for one that was not seen yet. */
  #standIn(series: number, kind: DayKind): DayKind {
    const { seen } = this.#store;
    const at = KINDS * series;
    const other = kind === 1 ? 2 : 1;
    if (kind !== 0) return (seen[at + other] ?? 0) > 0 ? other : 0;
    return (seen[at + 1] ?? 0) > 0 ? 1 : (seen[at + 2] ?? 0) > 0 ? 2 : 0;
  }

  #inherit(series: number, kind: DayKind): void {
    const base = series * KINDS * KNOTS;
    const from = base + this.#standIn(series, kind) * KNOTS;
    this.#store.knots.copyWithin(base + kind * KNOTS, from, from + KNOTS);
  }
}

/** Variance of a prediction over that of a reading, after so many days of that kind. */
function doubtAfter(days: number): number {
  if (days >= LONG_KNOWN) return 1;
  return days < 0.9 ? SELDOM_SEEN : 1 + 3 / (days + 0.5);
}

function clampStep(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** ln(1 + u) by its Padé approximant, within 1 % for -0.5 <= u <= 1; growth is cut at 1 */
function logGrowth(u: number): number {
  const v = u > 1 ? 1 : u;
  return (v * (6 + v)) / (6 + 4 * v);
}

/** e^(k / 64) over the range of stored scatters */
const OCTAVES = Float64Array.from({ length: 2048 }, (_, k) =>
  Math.exp((k * 32 - SPREAD_ZERO) / SPREAD_STEPS),
);

/** Inverse of `encodeSpread`: a table, and the first terms of e^r within its steps of 1/64. */
function decodeSpread(code: number): number {
  const r = (code & 31) / SPREAD_STEPS;
  return (OCTAVES[code >>> 5] ?? 1) * (1 + r * (1 + r / 2));
}

function encodeSpread(sd: number): number {
  const code = Math.round(Math.log(sd) * SPREAD_STEPS) + SPREAD_ZERO;
  return code < 1 ? 1 : code > SEEN_MAX ? SEEN_MAX : code;
}
