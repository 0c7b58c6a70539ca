import type { KpiPlan } from '../kpi-plan.js';
import { BLOCKS, KINDS, KNOTS, type SeriesStore } from '../series-store.js';
import { PROFILE } from './shape-model.js';

/** Where a series' profile is laid out; shapes as in `ShapeSample`. */
export interface ProfileRows {
  readonly profiles: Float32Array;
  readonly spreads: Uint16Array;
  readonly days: Float32Array;
}

/** Rows for so many series. */
export function profileRows(series: number): ProfileRows {
  return {
    profiles: new Float32Array(series * PROFILE),
    spreads: new Uint16Array(series * BLOCKS),
    days: new Float32Array(series * KINDS),
  };
}

/**
 * Lays out what a series has learnt, on the KPI's even scale, the mean of its working day taken off
 * (of all days it knows, when it knows no working day).
 *
 * @param perDay readings of one series in a day
 */
export function readProfile(
  store: SeriesStore,
  series: number,
  about: { readonly plan: KpiPlan; readonly perDay: number },
  rows: ProfileRows,
  row: number,
): void {
  const { knots, spread, seen, capacity } = store;
  const { plan, perDay } = about;
  for (let kind = 0; kind < KINDS; kind++) {
    rows.days[row * KINDS + kind] = (seen[kind * capacity + series] ?? 0) / perDay;
  }
  for (let at = 0; at < PROFILE; at++) {
    rows.profiles[row * PROFILE + at] = (knots[at * capacity + series] ?? 0) * plan.knotStep;
  }
  const mean = meanOf(rows, row);
  for (let at = 0; at < PROFILE; at++) {
    rows.profiles[row * PROFILE + at] = (rows.profiles[row * PROFILE + at] ?? 0) - mean;
  }
  for (let block = 0; block < BLOCKS; block++) {
    rows.spreads[row * BLOCKS + block] = spread[block * capacity + series] ?? 0;
  }
}

function meanOf({ profiles, days }: ProfileRows, row: number): number {
  let kind = 0;
  while (kind < KINDS - 1 && (days[row * KINDS + kind] ?? 0) === 0) kind++;
  let sum = 0;
  for (let knot = 0; knot < KNOTS; knot++)
    sum += profiles[row * PROFILE + kind * KNOTS + knot] ?? 0;
  return sum / KNOTS;
}
