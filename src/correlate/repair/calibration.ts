/**
 * A monotone correction of probabilities on [0, 1], as knots at equal steps: entry `i` is how often
 * an end came before the moment that the model gave probability `i / steps`. The identity corrects
 * nothing.
 */
export type Calibration = readonly number[];

/** Where an end fell on the model's own scale of probability; `to` 1 when it was not seen to end. */
export interface Placed {
  readonly from: number;
  readonly to: number;
}

const STEPS = 40;
/** As much as so many ends speaks for the model's own probabilities. */
const PRIOR_ENDS = 20;
const ROUNDS = 200;
/** Rounds stop when no step's share changes by more. */
const SETTLED = 1e-5;

/** Corrects nothing. */
export const IDENTITY: Calibration = Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS);

function overlap({ from, to }: Placed, step: number): number {
  const low = Math.max(from, step / STEPS);
  const high = Math.min(to, (step + 1) / STEPS);
  return Math.max(0, high - low) * STEPS;
}

/** For each end the first step that it may lie in, and the shares of the steps from there on. */
interface Spread {
  readonly first: Uint8Array;
  /** end → where its shares begin; one more entry than ends */
  readonly at: Int32Array;
  readonly share: Float64Array;
}

function spread(placed: readonly Placed[]): Spread {
  const first: number[] = [];
  const at = [0];
  const share: number[] = [];
  for (const each of placed) {
    const from = Math.min(STEPS - 1, Math.max(0, Math.floor(each.from * STEPS)));
    const last = Math.min(STEPS - 1, Math.max(from, Math.ceil(each.to * STEPS) - 1));
    first.push(from);
    if (from === last) share.push(1);
    else for (let step = from; step <= last; step++) share.push(overlap(each, step));
    at.push(share.length);
  }
  return {
    first: Uint8Array.from(first),
    at: Int32Array.from(at),
    share: Float64Array.from(share),
  };
}

/** Shares every end out over its steps in proportion to what they hold so far. */
function shareOut({ first, at, share }: Spread, mass: Float64Array): Float64Array {
  const next = new Float64Array(STEPS).fill(PRIOR_ENDS / STEPS);
  for (let i = 0; i < first.length; i++) {
    const begin = at[i] ?? 0;
    const end = at[i + 1] ?? begin;
    const shift = (first[i] ?? 0) - begin;
    let total = 0;
    for (let s = begin; s < end; s++) total += (share[s] ?? 0) * (mass[s + shift] ?? 0);
    for (let s = begin; s < end; s++) {
      const step = s + shift;
      next[step] = (next[step] ?? 0) + ((share[s] ?? 0) * (mass[step] ?? 0)) / total;
    }
  }
  const sum = PRIOR_ENDS + first.length;
  return next.map((each) => each / sum);
}

/**
 * Evens neighbouring steps out: what is known only to an interval says nothing of where in it, and
 * self-consistency alone heaps it up at one spot (the smoothing step of EMS; Silverman, Jones,
 * Wilson, Nychka, JRSS B 52 (1990)).
 */
function smooth(mass: Float64Array): Float64Array {
  return mass.map((own, step) => {
    const before = mass[step - 1] ?? own;
    const after = mass[step + 1] ?? own;
    return (before + 2 * own + after) / 4;
  });
}

/**
 * Learns the correction from ends that the model had not learnt from: the distribution of their
 * places, censored and interval-censored ones shared out by self-consistency (Turnbull 1976), drawn
 * a little towards the identity. With it a band that claims 80 % holds 80 % of ends like these
 * (conformal prediction by the probability integral transform; Chernozhukov, Wüthrich, Zhu 2021,
 * with held-out ends for residuals).
 */
export function learnCalibration(placed: readonly Placed[]): Calibration {
  const spreads = spread(placed);
  let mass: Float64Array = new Float64Array(STEPS).fill(1 / STEPS);
  for (let round = 0; round < ROUNDS; round++) {
    const next = smooth(shareOut(spreads, mass));
    const change = next.reduce(
      (most, each, i) => Math.max(most, Math.abs(each - (mass[i] ?? 0))),
      0,
    );
    mass = next;
    if (change < SETTLED) break;
  }
  const knots = [0];
  for (const each of mass) knots.push((knots.at(-1) ?? 0) + each);
  knots[STEPS] = 1;
  return knots;
}

/** The corrected probability to last beyond a moment whose own is e to minus `nats`. */
export function survives(calibration: Calibration, nats: number): number {
  const own = Math.exp(-nats);
  const at = (1 - own) * STEPS;
  const step = Math.min(STEPS - 1, Math.floor(at));
  const above = 1 - (calibration[step + 1] ?? 1);
  const here = (calibration[step + 1] ?? 1) - (calibration[step] ?? 0);
  // Counted from the end, so that nothing is lost where little is left.
  return above + here * (own * STEPS - (STEPS - 1 - step));
}

/** The model's own nats at which the corrected probability to last is `probability`, above 0. */
export function natsWhere(calibration: Calibration, probability: number): number {
  let step = 0;
  while (step < STEPS - 1 && 1 - (calibration[step + 1] ?? 1) > probability) step++;
  const above = 1 - (calibration[step + 1] ?? 1);
  const here = (calibration[step + 1] ?? 1) - (calibration[step] ?? 0);
  const own = (STEPS - 1 - step + (probability - above) / here) / STEPS;
  return -Math.log(Math.min(1, Math.max(Number.MIN_VALUE, own)));
}
