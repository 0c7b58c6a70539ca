import { quantile } from 'simple-statistics';
import { destabilise, stabilise } from './count-scale.js';

/** A single interval may be this many spreads off its day, a day as many off its forecast. */
const FARTHEST_INTERVAL = 5;
const FARTHEST_DAY = 6;
/** Without a forecast: so many times the calls of a busy interval of the day. */
const TIMES_BUSY = 10;
const FEW_CALLS = 20;

/**
 * A day as models may learn it: what lies too far from its forecast is pulled in, an interval against
 * the rest of its day and the day against its forecast, so that a spike of a thousand times teaches
 * nothing and a lasting change is still learnt within days.
 *
 * @param row on the stabilised scale, NaN where no data
 * @param centre the forecast, NaN where there is none
 * @param scale by interval
 */
export function pullIn(row: Float64Array, centre: Float64Array, scale: Float64Array): Float64Array {
  const distances = row.map((value, i) => (value - (centre[i] ?? Number.NaN)) / (scale[i] ?? 1));
  const known = [...distances].filter((each) => !Number.isNaN(each));
  const common = known.length > 0 ? quantile(known, 0.5) : 0;
  const day = clamp(common, FARTHEST_DAY);
  const cap = busyLimit(row);
  return row.map((value, i) => {
    const distance = distances[i] ?? Number.NaN;
    if (Number.isNaN(distance)) return Math.min(value, cap);
    const own = clamp(distance - common, FARTHEST_INTERVAL);
    return Math.max(stabilise(0), (centre[i] ?? 0) + (scale[i] ?? 1) * (day + own));
  });
}

function busyLimit(row: Float64Array): number {
  const known = [...row].filter((value) => !Number.isNaN(value));
  if (known.length === 0) return 0;
  return stabilise(TIMES_BUSY * destabilise(quantile(known, 0.75)) + FEW_CALLS);
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
