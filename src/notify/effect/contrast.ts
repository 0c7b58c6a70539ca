import { probit } from 'simple-statistics';
import { studentQuantile } from './student-quantile.js';

/** Calls and exposure in which told and untold people can be compared: one class, one stretch of time. */
export interface ContrastCell {
  /** person-minutes, or people, of those told and of those not told (yet); 0 or more */
  readonly toldExposure: number;
  readonly untoldExposure: number;
}

/** A call, or several, of one cluster in one cell. */
export interface ClusterCalls {
  /** position of the cell in the list of cells */
  readonly cell: number;
  /** account, household or area: calls of one cluster are not independent of each other */
  readonly cluster: number;
  readonly isTold: boolean;
  readonly calls: number;
}

/** The part that one cluster has in a cell's exposure. */
export interface ClusterExposure extends ContrastCell {
  readonly cell: number;
  readonly cluster: number;
}

/**
 * Sums of one incident from which rate ratios of several incidents can be pooled. `told / untold` is
 * the rate of calls of those told over that of those not told.
 */
export interface ContrastSums {
  /** Mantel-Haenszel sums: calls weighted by the other side's share of the exposure */
  readonly told: number;
  readonly untold: number;
  /** sums over clusters of the squares and the product of their parts of the two */
  readonly toldSquares: number;
  readonly untoldSquares: number;
  readonly products: number;
  /** sums over clusters of their fourth powers: a few that weigh much are few degrees of freedom */
  readonly toldFourths: number;
  readonly untoldFourths: number;
  /** calls as they are, in cells that have both sides */
  readonly toldCalls: number;
  readonly untoldCalls: number;
  /**
   * what all calls together would say of the log ratio at an effect of `TRIAL_REDUCTION`: one over
   * its variance, 0 for nothing
   */
  readonly plannedInformation: number;
}

/** A rate ratio with its confidence interval. */
export interface RateRatio {
  readonly ratio: number;
  readonly lo: number;
  readonly hi: number;
  /** standard error of its logarithm */
  readonly logError: number;
}

/** The reduction that must be seen four times out of five before an effect is called measurable. */
const TRIAL_REDUCTION = 0.3;
const POWER_QUANTILE = probit(0.8) + probit(0.975);

/**
 * Mantel-Haenszel sums for a ratio of rates (Rothman, Greenland and Lash, Modern Epidemiology, 3rd ed.,
 * equation 15-22), with what a cluster adds to each (the sandwich of Greenland and Robins' variance,
 * 15-23, by cluster). Cells without one of the two sides say nothing and are left out.
 * @param calls in any order; several of one cluster are summed
 * @param exposures of large clusters such as areas, whose calls are then held against what their
 * exposure lets expect; without it each cluster is taken to be expected to call hardly ever
 */
export function contrastSums(
  cells: readonly ContrastCell[],
  calls: readonly ClusterCalls[],
  exposures: readonly ClusterExposure[] = [],
): ContrastSums {
  const counts = cells.map(() => ({ told: 0, untold: 0 }));
  const scores = new Map<number, [number, number]>();
  const add = (cluster: number, told: number, untold: number): void => {
    const score = scores.get(cluster) ?? [0, 0];
    scores.set(cluster, [score[0] + told, score[1] + untold]);
  };
  let told = 0;
  let untold = 0;
  for (const { cell, cluster, isTold, calls: count } of calls) {
    const weight = weightsOf(cells[cell]);
    const own = counts[cell];
    if (!weight || !own) continue;
    if (isTold) {
      own.told += count;
      told += count * weight.told;
      add(cluster, count * weight.told, 0);
    } else {
      own.untold += count;
      untold += count * weight.untold;
      add(cluster, 0, count * weight.untold);
    }
  }
  for (const { cell, cluster, toldExposure, untoldExposure } of exposures) {
    const whole = cells[cell];
    const weight = weightsOf(whole);
    const own = counts[cell];
    if (!whole || !weight || !own) continue;
    add(
      cluster,
      (-weight.told * own.told * toldExposure) / whole.toldExposure,
      (-weight.untold * own.untold * untoldExposure) / whole.untoldExposure,
    );
  }
  return {
    told,
    untold,
    ...squaresOf(scores.values()),
    toldCalls: counts.reduce((sum, each) => sum + each.told, 0),
    untoldCalls: counts.reduce((sum, each) => sum + each.untold, 0),
    plannedInformation: plannedInformation(cells, counts),
  };
}

/** What a call of either side counts for; undefined in a cell without one of the sides. */
function weightsOf(cell: ContrastCell | undefined): { told: number; untold: number } | undefined {
  if (!cell || cell.toldExposure <= 0 || cell.untoldExposure <= 0) return undefined;
  const all = cell.toldExposure + cell.untoldExposure;
  return { told: cell.untoldExposure / all, untold: cell.toldExposure / all };
}

function squaresOf(scores: Iterable<readonly [number, number]>) {
  const sums = {
    toldSquares: 0,
    untoldSquares: 0,
    products: 0,
    toldFourths: 0,
    untoldFourths: 0,
  };
  for (const [told, untold] of scores) {
    sums.toldSquares += told ** 2;
    sums.untoldSquares += untold ** 2;
    sums.products += told * untold;
    sums.toldFourths += told ** 4;
    sums.untoldFourths += untold ** 4;
  }
  return sums;
}

/**
 * What is said of the log ratio if the calls of each cell fell to the two sides as a reduction of
 * `TRIAL_REDUCTION` would have it. Depends on the calls' total alone, so that asking whether an effect
 * is measurable does not favour those that happen to look large.
 */
function plannedInformation(
  cells: readonly ContrastCell[],
  counts: readonly { readonly told: number; readonly untold: number }[],
): number {
  const sums = { told: 0, untold: 0, toldSquares: 0, untoldSquares: 0 };
  for (const [index, cell] of cells.entries()) {
    const weight = weightsOf(cell);
    const count = (counts[index]?.told ?? 0) + (counts[index]?.untold ?? 0);
    if (!weight || count === 0) continue;
    const reduced = cell.toldExposure * (1 - TRIAL_REDUCTION);
    const told = (count * reduced) / (reduced + cell.untoldExposure);
    sums.told += told * weight.told;
    sums.untold += (count - told) * weight.untold;
    sums.toldSquares += told * weight.told ** 2;
    sums.untoldSquares += (count - told) * weight.untold ** 2;
  }
  return sums.told > 0 && sums.untold > 0
    ? 1 / (sums.toldSquares / sums.told ** 2 + sums.untoldSquares / sums.untold ** 2)
    : 0;
}

/**
 * Whether so much has been seen that a reduction of 30 % would be noticed four times out of five (two
 * sides, 5 %). Before that, an effect is "not yet measurable".
 */
export function isMeasurable({ plannedInformation: known, told, untold }: ContrastSums): boolean {
  const needed = POWER_QUANTILE / -Math.log(1 - TRIAL_REDUCTION);
  return told > 0 && untold > 0 && Math.sqrt(known) >= needed;
}

/**
 * The ratio of one incident with its 95 % interval, errors clustered. The ratio estimate's own bias
 * of second order is taken out (Tin, JASA 60 (1965), equation 2.1).
 * @returns undefined where one side has no calls
 */
export function rateRatio(sums: ContrastSums): RateRatio | undefined {
  const { told, untold, toldSquares, untoldSquares, products } = sums;
  if (told <= 0 || untold <= 0) return undefined;
  const toldError = toldSquares / told ** 2;
  const untoldError = untoldSquares / untold ** 2;
  const common = products / (told * untold);
  const logError = Math.sqrt(Math.max(0, toldError + untoldError - 2 * common));
  const fourths = sums.toldFourths / told ** 4 + sums.untoldFourths / untold ** 4;
  const freedom = freedomOf(toldError + untoldError, fourths);
  const ratio = (told / untold) * (1 - untoldError + common);
  return { ratio, ...around(told / untold, logError, studentQuantile(0.975, freedom)) };
}

/** Degrees of freedom of a sum of squared scores (Satterthwaite, Biometrics Bulletin 2 (1946)). */
function freedomOf(squares: number, fourths: number): number {
  return fourths > 0 ? Math.max(3, squares ** 2 / fourths - 1) : Number.POSITIVE_INFINITY;
}

/** Fewer incidents than this say too little of how much incidents differ. */
const LEAST_INCIDENTS = 10;

/**
 * The ratio over several incidents, weighted by what each can say, with a 95 % interval: errors
 * clustered by incident once there are ten, before that by cluster within each, which holds for these
 * incidents only.
 */
export function pooledRatio(incidents: readonly ContrastSums[]): RateRatio | undefined {
  const usable = incidents.filter(({ told, untold }) => told + untold > 0);
  const total = usable.reduce(addSums, EMPTY);
  if (total.told <= 0 || total.untold <= 0) return undefined;
  const count = usable.length;
  if (count < LEAST_INCIDENTS) return rateRatio(total);
  let squares = 0;
  let fourths = 0;
  for (const { told, untold } of usable) {
    const score = told / total.told - untold / total.untold;
    squares += score ** 2;
    fourths += score ** 4;
  }
  const logError = Math.sqrt((squares * count) / (count - 1));
  const freedom = Math.min(count - 1, freedomOf(squares, fourths));
  const ratio = total.told / total.untold;
  return { ratio, ...around(ratio, logError, studentQuantile(0.975, freedom)) };
}

const EMPTY: ContrastSums = {
  told: 0,
  untold: 0,
  toldSquares: 0,
  untoldSquares: 0,
  products: 0,
  toldFourths: 0,
  untoldFourths: 0,
  toldCalls: 0,
  untoldCalls: 0,
  plannedInformation: 0,
};

/** The sums of two incidents together. */
export function addSums(a: ContrastSums, b: ContrastSums): ContrastSums {
  return {
    told: a.told + b.told,
    untold: a.untold + b.untold,
    toldSquares: a.toldSquares + b.toldSquares,
    untoldSquares: a.untoldSquares + b.untoldSquares,
    products: a.products + b.products,
    toldFourths: a.toldFourths + b.toldFourths,
    untoldFourths: a.untoldFourths + b.untoldFourths,
    toldCalls: a.toldCalls + b.toldCalls,
    untoldCalls: a.untoldCalls + b.untoldCalls,
    plannedInformation: a.plannedInformation + b.plannedInformation,
  };
}

function around(ratio: number, logError: number, z: number) {
  return { lo: ratio * Math.exp(-z * logError), hi: ratio * Math.exp(z * logError), logError };
}
