import { BLOCKS, KINDS, KNOTS } from '../series-store.js';
import { decodeSpread, encodeSpread } from '../spread-code.js';
import { nearestCluster } from './nearest.js';
import { PROFILE, profileAt, type ShapeModel, type ShapeSample, spreadAt } from './shape-model.js';

/** bounds of a prior's strength in days: it is never worth nothing, nor more than the memory */
const LEAST_STRENGTH = 0.5;
const GREATEST_STRENGTH = 10;
/** share of a reading's variance that objects of a cluster differ by at the very least */
const LEAST_BETWEEN = 0.02;

type Tables = Pick<ShapeModel, 'profiles' | 'spreads' | 'strengths' | 'between'>;

/**
 * Mean profiles and scatter of clusters, and how much a profile is worth as a prior: the empirical
 * Bayes weight n ÷ (n + k) of n days of own data, with k = variance within a series (of one day's
 * mean at one hour) ÷ variance between the series of the cluster (Efron & Morris 1975).
 *
 * @param members objects of the sample; @param labels their clusters, from 0
 */
export function clusterTables(
  sample: ShapeSample,
  members: readonly number[],
  labels: readonly number[],
  clusters: number,
): Tables {
  const { kpis } = sample;
  const tables: Tables = {
    profiles: new Float32Array((clusters + 1) * kpis * PROFILE),
    spreads: new Uint16Array((clusters + 1) * kpis * BLOCKS),
    strengths: new Float32Array((clusters + 1) * kpis),
    between: new Float32Array((clusters + 1) * kpis * PROFILE),
  };
  for (let row = 0; row <= clusters; row++) {
    const own = members.filter((_, i) => row === 0 || labels[i] === row - 1);
    for (let kpi = 0; kpi < kpis; kpi++) {
      const series = own
        .map((o) => o * kpis + kpi)
        .filter((s) => (sample.days[s * KINDS] ?? 0) > 0);
      if (series.length === 0) continue;
      meanProfile(sample, series, tables.profiles, profileAt(kpis, row, kpi));
      const within = meanSpread(sample, series, tables.spreads, spreadAt(kpis, row, kpi));
      const from = profileAt(kpis, row, kpi);
      const oneDay = within / Math.sqrt(Math.max(1, sample.perHour));
      varianceBetween(sample, series, tables, { from, oneDay });
      tables.strengths[row * kpis + kpi] = strengthOf(tables.between, from, oneDay);
    }
  }
  return tables;
}

/** Mean log score (Gaussian) of the objects' working days under the shape of their nearest cluster. */
export function scoreOf(
  sample: ShapeSample,
  objects: readonly number[],
  model: ShapeModel,
): number {
  let sum = 0;
  let n = 0;
  for (const object of objects) {
    const { cluster } = nearestCluster(model, sample, object);
    for (const kpi of sample.features) {
      const series = object * sample.kpis + kpi;
      const from = profileAt(sample.kpis, cluster, kpi);
      const noise = scatterOf(model.spreads, spreadAt(sample.kpis, cluster, kpi));
      if (noise === 0 || (sample.days[series * KINDS] ?? 0) === 0) continue;
      for (const at of knotsOf(sample.kinds)) {
        const gap =
          (sample.profiles[series * PROFILE + at] ?? 0) - (model.profiles[from + at] ?? 0);
        sum -= 0.5 * (gap / noise) ** 2 + Math.log(noise);
        n++;
      }
    }
  }
  return n === 0 ? 0 : sum / n;
}

function meanProfile(
  sample: ShapeSample,
  series: readonly number[],
  out: Float32Array,
  to: number,
): void {
  for (let at = 0; at < PROFILE; at++) {
    const kind = Math.floor(at / KNOTS);
    let sum = 0;
    let weight = 0;
    for (const s of series) {
      const days = Math.min(10, sample.days[s * KINDS + kind] ?? 0);
      sum += days * (sample.profiles[s * PROFILE + at] ?? 0);
      weight += days;
    }
    out[to + at] = weight > 0 ? sum / weight : 0;
  }
}

/** Geometric mean of the scatter per block. @returns mean variance of a reading */
function meanSpread(
  sample: ShapeSample,
  series: readonly number[],
  out: Uint16Array,
  to: number,
): number {
  for (let block = 0; block < BLOCKS; block++) {
    const codes = series
      .map((s) => sample.spreads[s * BLOCKS + block] ?? 0)
      .filter((code) => code > 0);
    if (codes.length === 0) continue;
    const logs = codes.reduce((sum, code) => sum + Math.log(decodeSpread(code)), 0);
    out[to + block] = encodeSpread(Math.exp(logs / codes.length));
  }
  return scatterOf(out, to) ** 2;
}

/** Root mean variance over the blocks that are known; 0 when none is. */
function scatterOf(spreads: Uint16Array, from: number): number {
  let sum = 0;
  let n = 0;
  for (let block = 0; block < BLOCKS; block++) {
    const code = spreads[from + block] ?? 0;
    if (code === 0) continue;
    sum += decodeSpread(code) ** 2;
    n++;
  }
  return n === 0 ? 0 : Math.sqrt(sum / n);
}

/**
 * Variance of the members' profiles at each knot, less what their own few days scatter by. Readings
 * of one hour move together: their mean is held to have 1 ÷ √n of one's variance.
 */
function varianceBetween(
  { profiles, days }: ShapeSample,
  series: readonly number[],
  tables: Tables,
  { from, oneDay }: { readonly from: number; readonly oneDay: number },
): void {
  for (let at = 0; at < PROFILE; at++) {
    const kind = Math.floor(at / KNOTS);
    let sum = 0;
    let noise = 0;
    let n = 0;
    for (const s of series) {
      const known = Math.min(10, days[s * KINDS + kind] ?? 0);
      if (known < 0.5) continue;
      sum += ((profiles[s * PROFILE + at] ?? 0) - (tables.profiles[from + at] ?? 0)) ** 2;
      noise += oneDay / known;
      n++;
    }
    const seen = n > 1 ? (sum - noise) / (n - 1) : oneDay;
    tables.between[from + at] = Math.max(seen, LEAST_BETWEEN * oneDay);
  }
}

/** Days of its own that a working day of the cluster is worth. */
function strengthOf(between: Float32Array, from: number, oneDay: number): number {
  let sum = 0;
  for (let at = from; at < from + KNOTS; at++) sum += between[at] ?? 0;
  const strength = sum > 0 ? (oneDay * KNOTS) / sum : GREATEST_STRENGTH;
  return Math.min(GREATEST_STRENGTH, Math.max(LEAST_STRENGTH, strength));
}

function knotsOf(kinds: readonly number[]): number[] {
  return kinds.flatMap((kind) => Array.from({ length: KNOTS }, (_, knot) => kind * KNOTS + knot));
}
