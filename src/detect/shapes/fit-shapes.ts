import { kmeans } from 'ml-kmeans';
import { BLOCKS, KINDS } from '../series-store.js';
import { decodeSpread } from '../spread-code.js';
import { clusterTables, scoreOf } from './cluster-tables.js';
import {
  FEATURES,
  featuresOf,
  PROFILE,
  type ShapeFitResult,
  type ShapeModel,
  type ShapeSample,
} from './shape-model.js';
import { distancesBetween, silhouette } from './silhouette.js';

/** most objects whose silhouette is worked out: it takes all pairs */
const SILHOUETTE_SAMPLE = 300;
/** a mean silhouette below this is no structure (Kaufman & Rousseeuw 1990 say 0.25) */
const LEAST_SILHOUETTE = 0.25;
/** of clusterings about as clear as the clearest, the one with most clusters is taken */
const ABOUT_AS_CLEAR = 0.8;
/** k-means finds a local optimum: it is begun so often for each number of clusters */
const STARTS = 3;
const LEAST_MEMBERS = 5;
const LEAST_SHARE = 0.02;
/** groups smaller than that are oddities, no clusters; they are left out, up to this share in all */
const MOST_ODD = 0.1;
/** one object in so many is held out of the fit and scores the model */
const HELD_OUT = 5;

interface Clustering {
  readonly clusters: number;
  readonly silhouette: number;
  /** one row a cluster */
  readonly centroids: readonly (readonly number[])[];
  /** cluster of each object, from 0; -1 for an oddity */
  readonly labels: readonly number[];
}

/**
 * Shapes of the week of clusters of objects: k-means on normalised profiles, the number of clusters
 * by silhouette. A fifth of the objects is held out, and scores the new model and the one in use.
 * Deterministic: the same sample gives the same model.
 */
export function fitShapes(sample: ShapeSample): ShapeFitResult {
  const scatter = sample.features.map((kpi) => usualScatter(sample, kpi));
  const points = Array.from({ length: sample.objects }, (_, o) => pointOf(sample, scatter, o));
  const isHeldOut = (_: unknown, object: number): boolean => object % HELD_OUT === HELD_OUT - 1;
  const fitted = points.filter((point, o) => !isHeldOut(point, o));
  const clustering = bestClustering(fitted, sample);
  const members = points.flatMap((_, o) => (isHeldOut(_, o) ? [] : [o]));
  const tables = clusterTables(sample, members, clustering.labels, clustering.clusters);
  const model: ShapeModel = {
    clusters: clustering.clusters,
    silhouette: clustering.silhouette,
    features: sample.features,
    scatter,
    centroids: Float64Array.from(clustering.centroids.flat()),
    ...tables,
    reach: reachOf(fitted, clustering),
  };
  const heldOut = points.flatMap((point, o) => (isHeldOut(point, o) ? [o] : []));
  const judges = heldOut.length > 0 ? heldOut : members;
  return {
    model,
    score: scoreOf(sample, judges, model),
    previousScore: sample.previous === null ? null : scoreOf(sample, judges, sample.previous),
  };
}

function pointOf(sample: ShapeSample, scatter: readonly number[], object: number): number[] {
  const out = new Float64Array(sample.features.length * FEATURES);
  for (const [f, kpi] of sample.features.entries()) {
    const from = (object * sample.kpis + kpi) * PROFILE;
    featuresOf(sample.profiles, from, scatter[f] ?? 1, out, f * FEATURES);
  }
  return [...out];
}

/** Geometric mean of a KPI's scatter over objects and hours. */
function usualScatter(sample: ShapeSample, kpi: number): number {
  let sum = 0;
  let n = 0;
  for (let object = 0; object < sample.objects; object++) {
    const from = object * sample.kpis + kpi;
    if ((sample.days[from * KINDS] ?? 0) === 0) continue;
    for (let block = 0; block < BLOCKS; block++) {
      const code = sample.spreads[from * BLOCKS + block] ?? 0;
      if (code === 0) continue;
      sum += Math.log(decodeSpread(code));
      n++;
    }
  }
  return n === 0 ? 1 : Math.exp(sum / n);
}

function bestClustering(points: readonly number[][], sample: ShapeSample): Clustering {
  let best = oneCluster(points);
  const distinct = new Set(points.map((point) => point.join())).size;
  const step = Math.ceil(points.length / SILHOUETTE_SAMPLE);
  const seen = points.flatMap((_, at) => (at % step === 0 ? [at] : []));
  const distances = distancesBetween(seen.map((at) => points[at] ?? []));
  const least = Math.max(LEAST_MEMBERS, LEAST_SHARE * points.length);
  let most = LEAST_SILHOUETTE;
  for (let k = 2; k <= sample.mostClusters && k < distinct && k * least <= points.length; k++) {
    for (let start = 0; start < STARTS; start++) {
      const seed = sample.seed + start;
      const found = withoutOddities(kmeans([...points], k, { seed, maxIterations: 50 }), least);
      const odd = found.labels.filter((label) => label < 0).length;
      if (found.clusters < 2 || odd > MOST_ODD * points.length) continue;
      const labels = seen.map((at) => found.labels[at] ?? -1);
      const width = silhouette(distances, labels, found.clusters);
      const isClear = width >= Math.max(LEAST_SILHOUETTE, most * ABOUT_AS_CLEAR);
      const isMore = found.clusters > best.clusters;
      if (!isClear || (!isMore && width <= best.silhouette)) continue;
      most = Math.max(most, width);
      best = { ...found, silhouette: width };
    }
  }
  return best;
}

function withoutOddities(
  raw: { readonly clusters: readonly number[]; readonly centroids: readonly (readonly number[])[] },
  least: number,
): Omit<Clustering, 'silhouette'> {
  const sizes = raw.centroids.map((_, c) => raw.clusters.filter((label) => label === c).length);
  const kept = sizes.flatMap((size, c) => (size >= least ? [c] : []));
  return {
    clusters: kept.length,
    centroids: kept.map((c) => raw.centroids[c] ?? []),
    labels: raw.clusters.map((label) => kept.indexOf(label)),
  };
}

function oneCluster(points: readonly number[][]): Clustering {
  const centre = (points[0] ?? []).map(
    (_, d) => points.reduce((sum, point) => sum + (point[d] ?? 0), 0) / points.length,
  );
  return { clusters: 1, silhouette: 0, centroids: [centre], labels: points.map(() => 0) };
}

function reachOf(points: readonly number[][], { centroids, labels }: Clustering): number {
  const own = points.flatMap((point, i) => {
    const centre = centroids[labels[i] ?? -1];
    if (!centre) return [];
    return [point.reduce((sum, x, d) => sum + (x - (centre[d] ?? 0)) ** 2, 0) / point.length];
  });
  own.sort((a, b) => a - b);
  return own[own.length >> 1] ?? 0;
}
