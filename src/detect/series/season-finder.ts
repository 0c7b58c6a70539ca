import { median, quantile } from 'simple-statistics';
import { autocorrelation } from './autocorrelation.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Lags a season must have at least, in blocks: below it is noise or a short memory. */
const LEAST_LAG = 4;
/** Standard errors a correlation must exceed: of any lag, of a week, of a day. */
const ERRORS_ANY = 6;
const ERRORS_WEEK = 3.5;
const ERRORS_DAY = 2.5;
/** A length this near to a day or a week, as a share of it, is taken for it. */
const CALENDAR_NEARNESS = 0.06;
const LEAST_CORRELATION = 0.2;
/** The shortest lag this near to the best one wins, so that not a multiple is taken. */
const NEAR_BEST = 0.8;
/** Up to this multiple of it a higher peak is the summit that it is the shoulder of. */
const SHOULDER = 1.5;

/** A multiple of the first season says nothing new, unless it is the week. */
function isEcho(second: number, first: number, stepMs: number): boolean {
  if (second === WEEK_MS) return false;
  const cycles = Math.round(second / first);
  return Math.abs(second - cycles * first) <= Math.max(2 * stepMs, 0.03 * second);
}

interface Found {
  lag: number;
  correlation: number;
}

/**
 * Season lengths of an evenly spaced past, by autocorrelation of clipped differences of block
 * means: differences, so that a wandering level has none; clipped, so that outliers have none;
 * block means of 1, 2, 4... rows, so that a smooth daily curve shows under fine noise. A second
 * season is looked for in what the first leaves. A day and a week need less evidence than others.
 * @param values finite numbers, one per step
 * @param stepMs distance between them
 * @returns 0 to 2 lengths in ms, ascending; at least two of each lie in the past given
 */
export function findSeasons(values: Float64Array, stepMs: number): number[] {
  const tame = withoutOutliers(values);
  const first = strongest(tame, stepMs, 0);
  if (first === undefined) return [];
  const second = strongest(withoutSeason(tame, stepMs, first), stepMs, first * 1.5);
  return second === undefined || isEcho(second, first, stepMs) ? [first] : [first, second];
}

/** Clips what lies further outside the middle 96 % than they are wide. */
function withoutOutliers(values: Float64Array): Float64Array {
  const [low = 0, high = 0] = quantile(Array.from(values), [0.02, 0.98]);
  const width = high - low;
  if (!(width > 0)) return values;
  return values.map((value) => Math.max(low - width, Math.min(high + width, value)));
}

function strongest(values: Float64Array, stepMs: number, aboveMs: number): number | undefined {
  let best: { ms: number; strength: number } | undefined;
  for (let block = 1; values.length / block >= 24; block *= 2) {
    const blockMs = block * stepMs;
    const changes = clippedChanges(blockMeans(values, block));
    const greatest = Math.floor(changes.length / 2);
    if (greatest < LEAST_LAG + 1) break;
    const correlations = autocorrelation(changes, greatest);
    const found = pick(correlations, changes.length, blockMs, aboveMs);
    if (found === undefined) continue;
    const strength = found.correlation * Math.sqrt(changes.length - found.lag);
    if (best === undefined || strength > best.strength * 1.1) {
      best = { ms: snapToCalendar(found.lag, blockMs), strength };
    }
  }
  return best?.ms;
}

function pick(
  correlations: Float64Array,
  n: number,
  blockMs: number,
  aboveMs: number,
): Found | undefined {
  const peaks: Found[] = [];
  for (let lag = LEAST_LAG; lag < correlations.length - 1; lag++) {
    const correlation = correlations[lag] ?? 0;
    const isPeak =
      correlation >= (correlations[lag - 1] ?? 0) && correlation >= (correlations[lag + 1] ?? 0);
    if (!isPeak || lag * blockMs <= aboveMs) continue;
    const errors = errorsNeeded(snapToCalendar(lag, blockMs));
    if (correlation > Math.max(LEAST_CORRELATION, errors / Math.sqrt(n - lag))) {
      peaks.push({ lag, correlation });
    }
  }
  const top = peaks.reduce((most, { correlation }) => Math.max(most, correlation), 0);
  const shortest = peaks.find(({ correlation }) => correlation >= NEAR_BEST * top);
  if (shortest === undefined) return undefined;
  const around = peaks.filter(({ lag }) => lag >= shortest.lag && lag <= shortest.lag * SHOULDER);
  return around.reduce((best, peak) => (peak.correlation > best.correlation ? peak : best));
}

function errorsNeeded(seasonMs: number): number {
  if (seasonMs === DAY_MS) return ERRORS_DAY;
  return seasonMs === WEEK_MS ? ERRORS_WEEK : ERRORS_ANY;
}

function snapToCalendar(lag: number, blockMs: number): number {
  const ms = lag * blockMs;
  const near = [DAY_MS, WEEK_MS].find((one) => Math.abs(ms - one) <= CALENDAR_NEARNESS * one);
  return near ?? ms;
}

function blockMeans(values: Float64Array, block: number): Float64Array {
  const means = new Float64Array(Math.floor(values.length / block));
  for (let i = 0; i < means.length; i++) {
    let sum = 0;
    for (let j = i * block; j < (i + 1) * block; j++) sum += values[j] ?? 0;
    means[i] = sum / block;
  }
  return means;
}

/** Changes in units of their typical size, clipped at 3 of them. */
function clippedChanges(values: Float64Array): Float64Array {
  const changes = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < changes.length; i++) changes[i] = (values[i + 1] ?? 0) - (values[i] ?? 0);
  const sizes = Array.from(changes, Math.abs);
  if (sizes.length === 0) return changes;
  const middle = 1.4826 * median(sizes);
  const typical = middle > 0 ? middle : sizes.reduce((sum, size) => sum + size / sizes.length, 0);
  if (!(typical > 0)) return changes;
  return changes.map((change) => Math.max(-3, Math.min(3, change / typical)));
}

/** The values less the mean of their phase: what a longer season is looked for in. */
function withoutSeason(values: Float64Array, stepMs: number, seasonMs: number): Float64Array {
  const bins = Math.max(2, Math.min(512, Math.round(seasonMs / stepMs)));
  const sums = new Float64Array(bins);
  const counts = new Float64Array(bins);
  const binOf = (i: number): number => Math.floor((((i * stepMs) % seasonMs) / seasonMs) * bins);
  for (let i = 0; i < values.length; i++) {
    const bin = binOf(i);
    sums[bin] = (sums[bin] ?? 0) + (values[i] ?? 0);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return values.map((value, i) => value - (sums[binOf(i)] ?? 0) / (counts[binOf(i)] ?? 1));
}
