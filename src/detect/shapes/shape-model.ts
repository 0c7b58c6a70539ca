import { BLOCKS, KINDS, KNOTS } from '../series-store.js';

/** Knots of a weekly profile: 24 hours for each of three kinds of day. */
export const PROFILE = KINDS * KNOTS;
/** Steps of two hours that profiles are compared in, for each kind of day. */
export const STEPS = 12;
/** Numbers a KPI adds to what objects are compared by. */
export const FEATURES = KINDS * STEPS;

/**
 * Shapes of the week, by cluster of objects and KPI. Row 0 is all objects together, rows 1 to
 * `clusters` one each. Profiles are on the KPI's even scale, the mean of a working day being zero.
 */
export interface ShapeModel {
  readonly clusters: number;
  /** mean silhouette of the clusters, in [-1,1]; 0 when there is one */
  readonly silhouette: number;
  /** KPIs that objects are compared by, and the ordinary scatter of each */
  readonly features: readonly number[];
  readonly scatter: readonly number[];
  /** rows of `features.length × FEATURES`, one a cluster, in units of scatter */
  readonly centroids: Float64Array;
  /** rows of `kpis × PROFILE` */
  readonly profiles: Float32Array;
  /** rows of `kpis × BLOCKS`: usual scatter as a spread code; 0 = not known */
  readonly spreads: Uint16Array;
  /** rows of `kpis`: prior strength of the profile in days, 0 = not known */
  readonly strengths: Float32Array;
  /** rows of `kpis × PROFILE`: variance of the members' profiles at each knot */
  readonly between: Float32Array;
  /** mean squared distance per feature within which half of the members lie */
  readonly reach: number;
}

/** What a fit works on: the profiles of a bounded sample of objects, in order of their ids. */
export interface ShapeSample {
  readonly objects: number;
  readonly kpis: number;
  readonly features: readonly number[];
  /** kinds of day that occur in this lane */
  readonly kinds: readonly number[];
  readonly mostClusters: number;
  readonly seed: number;
  /** readings of one series in an hour */
  readonly perHour: number;
  /** `objects × kpis × PROFILE`, normalised as in `ShapeModel` */
  readonly profiles: Float32Array;
  /** `objects × kpis × BLOCKS` spread codes */
  readonly spreads: Uint16Array;
  /** `objects × kpis × KINDS`: days learnt; 0 where the series is missing */
  readonly days: Float32Array;
  /** the model in use, to be compared with */
  readonly previous: ShapeModel | null;
}

/** A fitted model, and how well it and the one in use foretell objects neither was fitted on. */
export interface ShapeFitResult {
  readonly model: ShapeModel;
  /** mean log score in nats a knot, higher is better */
  readonly score: number;
  readonly previousScore: number | null;
}

/** A fit that was begun. */
export interface ShapeFit {
  /** undefined while it is under way */
  readonly result: ShapeFitResult | undefined;
  /** resolves when there is a result */
  readonly settled: Promise<void>;
}

/** Where a row of a cluster's table begins. */
export function profileAt(kpis: number, row: number, kpi: number): number {
  return (row * kpis + kpi) * PROFILE;
}

/** Where a cluster's scatter of a KPI begins. */
export function spreadAt(kpis: number, row: number, kpi: number): number {
  return (row * kpis + kpi) * BLOCKS;
}

/**
 * What objects are compared by: means over two hours of one KPI's profile.
 * @param out gets `FEATURES` numbers from `to` on
 */
export function featuresOf(
  profile: Float32Array,
  from: number,
  scatter: number,
  out: Float64Array,
  to: number,
): void {
  for (let i = 0; i < FEATURES; i++) {
    const at = from + 2 * i;
    out[to + i] = ((profile[at] ?? 0) + (profile[at + 1] ?? 0)) / (2 * scatter);
  }
}
