/** Shape believed before any exceedance, and its standard deviation. */
const PRIOR_SHAPE = 0.1;
const SHAPE_SPREAD = 0.1;
const LEAST_SHAPE = 0.02;
const GREATEST_SHAPE = 0.4;
const SHAPE_STEP = 0.02;
/** Strength of the belief about the scale, in exceedances, and their mean. */
const PRIOR_EXCEEDANCES = 20;
const PRIOR_SCALE = 0.8;
/** Share of the exceedances that only count as at least as great as the others. */
const CENSORED_SHARE = 0.2;
const ITERATIONS = 8;
const LEAST_SCALE = 0.05;

/** Excesses over a threshold by size, ascending, with how often each came. */
export interface Excesses {
  readonly sizes: readonly number[];
  readonly counts: readonly number[];
}

/** A generalised Pareto distribution of excesses: both above 0. */
export interface Pareto {
  readonly shape: number;
  readonly scale: number;
}

/** Those that count in full, and how many lie beyond the limit. */
interface Censored {
  readonly sizes: readonly number[];
  readonly counts: readonly number[];
  readonly full: number;
  readonly beyond: number;
  readonly limit: number;
}

function censor({ sizes, counts }: Excesses): Censored {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let full = 0;
  let kept = 0;
  while (kept < sizes.length && full + (counts[kept] ?? 0) <= (1 - CENSORED_SHARE) * all) {
    full += counts[kept++] ?? 0;
  }
  return {
    sizes: sizes.slice(0, kept),
    counts: counts.slice(0, kept),
    full,
    beyond: all - full,
    limit: sizes[kept] ?? 0,
  };
}

/** Most likely scale for a shape, by the fixed point of the likelihood equation. */
function scaleFor(shape: number, data: Censored): number {
  let scale = PRIOR_SCALE;
  for (let i = 0; i < ITERATIONS; i++) {
    let sum = PRIOR_EXCEEDANCES * PRIOR_SCALE;
    data.sizes.forEach((size, at) => {
      sum += ((data.counts[at] ?? 0) * (1 + shape) * size) / (1 + (shape * size) / scale);
    });
    sum += (data.beyond * data.limit) / (1 + (shape * data.limit) / scale);
    scale = Math.max(LEAST_SCALE, sum / (data.full + PRIOR_EXCEEDANCES));
  }
  return scale;
}

function likelihood({ shape, scale }: Pareto, data: Censored): number {
  const nats = (size: number): number => Math.log1p((shape * size) / scale) / shape;
  let sum = -PRIOR_EXCEEDANCES * (Math.log(scale) + PRIOR_SCALE / scale);
  data.sizes.forEach((size, at) => {
    sum -= (data.counts[at] ?? 0) * (Math.log(scale) + (1 + shape) * nats(size));
  });
  return sum - data.beyond * nats(data.limit) - ((shape - PRIOR_SHAPE) / SHAPE_SPREAD) ** 2 / 2;
}

/**
 * Most probable generalised Pareto distribution of excesses, in standard deviations. The greatest
 * fifth is censored from above (likelihood of type II censored samples, Lawless 2003, ch. 2): the
 * past holds anomalies that nobody has marked, and as they lie far out, a fit to their sizes is one
 * to them. What the rest leaves open about the shape, a normal prior settles.
 */
export function fitCensoredPareto(excesses: Excesses): Pareto {
  const data = censor(excesses);
  let best = { shape: PRIOR_SHAPE, scale: PRIOR_SCALE };
  let most = Number.NEGATIVE_INFINITY;
  for (let shape = LEAST_SHAPE; shape <= GREATEST_SHAPE; shape += SHAPE_STEP) {
    const scale = scaleFor(shape, data);
    const reached = likelihood({ shape, scale }, data);
    if (reached > most) {
      most = reached;
      best = { shape, scale };
    }
  }
  return best;
}
