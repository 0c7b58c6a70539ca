/** Least and greatest mean that a count agrees with. */
export interface CountInterval {
  readonly lo: number;
  readonly hi: number;
}

const STEPS = 60;

/** P(X <= count) of a Poisson variable with that mean. */
function poissonAtMost(count: number, mean: number): number {
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** The mean at which `isAbove` turns true. */
function search(isAbove: (mean: number) => boolean, greatest: number): number {
  let lo = 0;
  let hi = greatest;
  for (let step = 0; step < STEPS; step++) {
    const middle = (lo + hi) / 2;
    if (isAbove(middle)) hi = middle;
    else lo = middle;
  }
  return (lo + hi) / 2;
}

/**
 * Exact interval of a Poisson mean from one count (Garwood 1936, Biometrika 28): its ends are the
 * quantiles α/2 of Gamma(count) and 1 - α/2 of Gamma(count + 1). Assumes independent events; where
 * they come in bursts the true interval is wider.
 *
 * @param count events seen, a whole number >= 0
 * @param level share of intervals that hold the true mean, in (0,1); default 0.95
 */
export function poissonInterval(count: number, level = 0.95): CountInterval {
  const tail = (1 - level) / 2;
  const greatest = count + 20 + 10 * Math.sqrt(count + 1);
  return {
    lo: count === 0 ? 0 : search((mean) => 1 - poissonAtMost(count - 1, mean) > tail, greatest),
    hi: search((mean) => poissonAtMost(count, mean) < tail, greatest),
  };
}
