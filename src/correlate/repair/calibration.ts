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

interface Spread {
  readonly first: number;
  readonly overlaps: readonly number[];
}

/** The steps that an end may lie in, each with the share of it that is covered. */
function spread(placed: Placed): Spread {
  const first = Math.min(STEPS - 1, Math.max(0, Math.floor(placed.from * STEPS)));
  const last = Math.min(STEPS - 1, Math.max(first, Math.ceil(placed.to * STEPS) - 1));
  if (first === last) return { first, overlaps: [1] };
  const overlaps = Array.from({ length: last - first + 1 }, (_, i) => overlap(placed, first + i));
  return { first, overlaps };
}

/**
 * Learns the correction from ends that the model had not learnt from: the distribution of their
 * places, censored and interval-censored ones shared out by self-consistency (Turnbull 1976), drawn
 * a little towards the identity. With it a band that claims 80 % holds 80 % of ends like these
 * (conformal prediction by the probability integral transform; Chernozhukov, Wüthrich, Zhu 2021,
 * with held-out ends for residuals).
 */
export function learnCalibration(placed: readonly Placed[]): Calibration {
  const spreads = placed.map(spread);
  let mass = Array.from({ length: STEPS }, () => 1 / STEPS);
  for (let round = 0; round < ROUNDS; round++) {
    const next = mass.map(() => PRIOR_ENDS / STEPS);
    for (const { first, overlaps } of spreads) {
      let total = 0;
      for (const [i, share] of overlaps.entries()) total += share * (mass[first + i] ?? 0);
      for (const [i, share] of overlaps.entries()) {
        next[first + i] = (next[first + i] ?? 0) + (share * (mass[first + i] ?? 0)) / total;
      }
    }
    const sum = PRIOR_ENDS + placed.length;
    const change = next.reduce((most, each, i) => {
      return Math.max(most, Math.abs(each / sum - (mass[i] ?? 0)));
    }, 0);
    mass = next.map((each) => each / sum);
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
