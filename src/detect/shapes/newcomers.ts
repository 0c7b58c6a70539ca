import type { Season } from '../calendar.js';
import type { KpiPlan } from '../kpi-plan.js';
import { BLOCKS, KNOTS, PHASE, type SeriesStore } from '../series-store.js';
import { PROFILE, profileAt, type ShapeModel, spreadAt } from './shape-model.js';

/** Prior strengths are stored in quarters of a day; 0 = a series that began without a shape. */
const QUARTERS = 4;

/** Days of own data that a stored prior is worth. */
export function priorDays(code: number): number {
  return code / QUARTERS;
}

/** What a series' shape is moved by. */
interface Move {
  readonly store: SeriesStore;
  readonly series: number;
  readonly plan: KpiPlan;
  readonly model: ShapeModel;
  readonly kpis: number;
  readonly kpi: number;
  readonly cluster: number;
  readonly perDay: number;
}

/** A table of knots at one place of the day, between two of them. @param at where the day begins */
export function shapeAt(
  table: Float32Array,
  at: number,
  { knot0, knot1, weight1 }: Pick<Season, 'knot0' | 'knot1' | 'weight1'>,
): number {
  const left = table[at + knot0] ?? 0;
  return left + weight1 * ((table[at + knot1] ?? 0) - left);
}

/** Gives a series that has learnt nothing yet the shape and scatter of all objects. */
export function beginWithShape(move: Omit<Move, 'cluster'>): void {
  const { store, series, plan, model, kpis, kpi } = move;
  const from = profileAt(kpis, 0, kpi);
  for (let at = 0; at < PROFILE; at++) {
    store.knots[at * store.capacity + series] = stepsOf(plan, model.profiles[from + at] ?? 0);
  }
  for (let block = 0; block < BLOCKS; block++) {
    const code = model.spreads[spreadAt(kpis, 0, kpi) + block] ?? 0;
    store.spread[block * store.capacity + series] = code;
  }
  store.prior[series] = codeOf(model.strengths[kpi] ?? 0);
}

/**
 * Shrinks what a young series has learnt towards its cluster's shape: n days of own data weigh
 * n ÷ (n + k) (empirical Bayes). A kind of day it has not seen is the cluster's as a whole, at the
 * series' own level.
 */
export function shrinkTowards(move: Move): void {
  const { store, series, plan, model, kpis, kpi, cluster } = move;
  const strength = model.strengths[cluster * kpis + kpi] ?? 0;
  if (strength === 0 || store.phase[series] === PHASE.gathering) return;
  const own = ownShape(move);
  const target = profileAt(kpis, cluster, kpi);
  const gap = own.map((x, at) => (model.profiles[target + at] ?? 0) - x);
  const shift = seenMean(move, gap);
  const change = new Float64Array(PROFILE);
  for (let at = 0; at < PROFILE; at++) {
    const place = at * store.capacity + series;
    const before = (store.knots[place] ?? 0) * plan.knotStep;
    const share = strength / (daysSeen(move, at) + strength);
    const after = (own[at] ?? 0) + share * ((gap[at] ?? 0) - shift);
    change[at] = after - before;
    store.knots[place] = stepsOf(plan, after);
  }
  // what the days seen have gained in shape, the level gives back
  store.level[series] = (store.level[series] ?? 0) - seenMean(move, change);
  store.prior[series] = codeOf(strength);
}

/** What a series has learnt itself: of one that began with a shape, without its part in it. */
function ownShape(move: Move): Float64Array {
  const { store, series, plan, model, kpis, kpi } = move;
  const start = profileAt(kpis, 0, kpi);
  const prior = priorDays(store.prior[series] ?? 0);
  return Float64Array.from({ length: PROFILE }, (_, at) => {
    const own = (store.knots[at * store.capacity + series] ?? 0) * plan.knotStep;
    const days = daysSeen(move, at);
    if (days === 0 || prior === 0) return own;
    return own + ((own - (model.profiles[start + at] ?? 0)) * prior) / days;
  });
}

function daysSeen({ store, series, perDay }: Move, at: number): number {
  return (store.seen[Math.floor(at / KNOTS) * store.capacity + series] ?? 0) / perDay;
}

/** A series whose object is like no cluster learns alone, and waits for its full warm-up. */
export function standAlone(store: SeriesStore, series: number): void {
  store.prior[series] = 0;
}

/** Mean over the kinds of day a series has seen, each by its days. */
function seenMean(move: Move, values: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (const [at, value] of values.entries()) {
    const days = daysSeen(move, at);
    sum += days * value;
    weight += days;
  }
  return weight > 0 ? sum / weight : 0;
}

function codeOf(days: number): number {
  return Math.min(255, Math.max(1, Math.round(days * QUARTERS)));
}

function stepsOf(plan: KpiPlan, value: number): number {
  const steps = Math.round(value * plan.stepsPerUnit);
  return steps > 32_767 ? 32_767 : steps < -32_767 ? -32_767 : steps;
}
