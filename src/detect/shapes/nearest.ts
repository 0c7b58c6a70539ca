import { KINDS } from '../series-store.js';
import { FEATURES, featuresOf, PROFILE, type ShapeModel, STEPS } from './shape-model.js';

/** Profiles of objects laid out as in a sample: `kpis × PROFILE` and days learnt per kind of day. */
export interface Profiles {
  readonly kpis: number;
  readonly profiles: Float32Array;
  readonly days: Float32Array;
}

/** days of a kind that must be learnt for it to count */
const LEAST_DAYS = 0.5;

/**
 * The cluster an object is nearest to, by the kinds of day it has learnt. A profile known from some
 * days only has no certain level, so the mean distance of each KPI does not count.
 *
 * @param object place of the object in `given`
 * @returns the cluster from 1, and the mean squared distance per feature; cluster 0 when the object
 * has learnt none of the KPIs
 */
export function nearestCluster(
  model: ShapeModel,
  given: Profiles,
  object: number,
): { cluster: number; distance: number } {
  const width = model.features.length * FEATURES;
  const own = new Float64Array(width);
  const isKnown = new Uint8Array(width);
  for (const [f, kpi] of model.features.entries()) {
    const series = object * given.kpis + kpi;
    featuresOf(given.profiles, series * PROFILE, model.scatter[f] ?? 1, own, f * FEATURES);
    for (let kind = 0; kind < KINDS; kind++) {
      if ((given.days[series * KINDS + kind] ?? 0) < LEAST_DAYS) continue;
      isKnown.fill(1, f * FEATURES + kind * STEPS, f * FEATURES + (kind + 1) * STEPS);
    }
  }
  let best = { cluster: 0, distance: Number.POSITIVE_INFINITY };
  for (let cluster = 1; cluster <= model.clusters; cluster++) {
    const distance = distanceTo(model.centroids, (cluster - 1) * width, own, isKnown);
    if (distance < best.distance) best = { cluster, distance };
  }
  return best;
}

function distanceTo(
  centroids: Float64Array,
  from: number,
  own: Float64Array,
  isKnown: Uint8Array,
): number {
  let total = 0;
  let count = 0;
  for (let f = 0; f < own.length; f += FEATURES) {
    let sum = 0;
    let squares = 0;
    let n = 0;
    for (let i = f; i < f + FEATURES; i++) {
      if (isKnown[i] === 0) continue;
      const gap = (own[i] ?? 0) - (centroids[from + i] ?? 0);
      sum += gap;
      squares += gap * gap;
      n++;
    }
    if (n === 0) continue;
    total += squares - (sum * sum) / n;
    count += n;
  }
  return count === 0 ? Number.POSITIVE_INFINITY : total / count;
}
