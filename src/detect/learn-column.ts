import type { Season } from './calendar.js';
import type { Column } from './column.js';
import type { KpiPlan } from './kpi-plan.js';
import { BLOCKS, KNOTS, type SeriesStore } from './series-store.js';
import { priorDays } from './shapes/newcomers.js';
import { encodeSpread, stepSpread } from './spread-code.js';

const SEEN_MAX = 65_535;
/** residuals move level and profile by at most this many standard deviations */
const CLIP = 3;
/** days for which residuals are taken whole and levels stay as they are */
const EARLY_DAYS = 2;
/** a prior scatter is worth this many days of readings */
const SPREAD_PRIOR_DAYS = 1;

/** How fast series learn: rates fall as 1/n down to those here. */
export interface Pace {
  /** readings a day */
  readonly perDay: number;
  /** readings of a series' first day */
  readonly gather: number;
  readonly levelRate: number;
  /** readings after which the rates of profile and scatter stay as they are */
  readonly profileFull: number;
  readonly spreadFull: number;
  readonly profileRate: number;
  readonly spreadRate: number;
  /** share of a reading in one of the profile's hours */
  readonly visitShare: number;
}

/** What a column is of, and when. */
interface About {
  readonly plan: KpiPlan;
  readonly season: Season;
  readonly pace: Pace;
}

/**
 * Learns level, profile and scatter from the healthy readings of a column, which was predicted and
 * standardised before. Residuals count whole for two days, then up to three standard deviations.
 */
export function learnColumn(column: Column, store: SeriesStore, about: About): void {
  const { plan, season, pace } = about;
  const { knots, level, spread: spreads, seen: learnt, prior, capacity } = store;
  const { count, series, seen, residual, sd, z, healthy } = column;
  const ownAt = season.kind * capacity;
  const leftAt = (season.kind * KNOTS + season.knot0) * capacity;
  const rightAt = (season.kind * KNOTS + season.knot1) * capacity;
  const blockAt = season.block * capacity;
  const weight1 = +season.weight1;
  const steps = 1 / plan.knotStep;
  const perDay = +pace.perDay;
  const [levelRate, profileRate, spreadRate] = [
    +pace.levelRate,
    +pace.profileRate,
    +pace.spreadRate,
  ];
  const [profileFull, spreadFull] = [+pace.profileFull, +pace.spreadFull];
  // the level of a series that began with a shape is the mean of all its readings so far
  const gathered = (plan.scale === 'linear' ? 1 : pace.gather) + 1;
  let unknown = 0;
  for (let i = 0; i < count; i++) {
    if (healthy[i] === 0) continue;
    const s = series[i] ?? 0;
    const total = seen[i] ?? 0;
    const days = priorDays(prior[s] ?? 0);
    const code = spreads[blockAt + s] ?? 0;
    const counted = days > 0 ? total + SPREAD_PRIOR_DAYS * perDay : total;
    const rate = total >= spreadFull ? spreadRate : 1 / (counted / BLOCKS + 2);
    if (code === 0) unknown++;
    else spreads[blockAt + s] = stepSpread(code, z[i] ?? 0, rate);
    const isEarly = total < EARLY_DAYS * perDay;
    const r = isEarly ? (residual[i] ?? 0) : clipped(residual[i] ?? 0, CLIP * (sd[i] ?? 0));
    if (days > 0) level[s] = (level[s] ?? 0) + Math.max(levelRate, 1 / (total + gathered)) * r;
    else if (!isEarly) level[s] = (level[s] ?? 0) + levelRate * r;
    // n days of its own count beside those of the prior
    const own = learnt[ownAt + s] ?? 0;
    const share = own >= profileFull ? profileRate : pace.visitShare / (own / perDay + 1 + days);
    const change = r * share * steps;
    knots[leftAt + s] = clampStep((knots[leftAt + s] ?? 0) + (1 - weight1) * change);
    knots[rightAt + s] = clampStep((knots[rightAt + s] ?? 0) + weight1 * change);
    if (own < SEEN_MAX) learnt[ownAt + s] = own + 1;
  }
  if (unknown > 0) beginSpread(column, spreads, blockAt, plan);
}

/** The first residual in a block of hours sets its scatter. */
function beginSpread(column: Column, spreads: Uint16Array, blockAt: number, plan: KpiPlan): void {
  const { count, series, residual, healthy } = column;
  for (let i = 0; i < count; i++) {
    const at = blockAt + (series[i] ?? 0);
    if (healthy[i] === 0 || spreads[at] !== 0) continue;
    spreads[at] = encodeSpread(Math.max(Math.abs(residual[i] ?? 0), 3 * plan.leastSpread));
  }
}

function clipped(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value;
}

/** Rounds to the nearest step that 16 bits hold. */
function clampStep(value: number): number {
  if (value > 32_767) return 32_767;
  return value < -32_767 ? -32_767 : ((value + 32_768.5) | 0) - 32_768;
}
