import type { SurgeRules } from '../rules.js';

/**
 * How soon people call, as parts of fixed pace: mean minutes from the loss to the call of each part,
 * whose delays are gamma distributed with shape 2. Mixed, they come near any smooth curve of calls.
 */
export const PACES: readonly number[] = [4, 9, 20, 45, 100, 220];

/**
 * Size of a habit: a logarithm for each of `PACES` of how many call at that pace against all who call
 * by the rules, and last one of the share that calls after the repair.
 */
export const HABITS = PACES.length + 1;

/** Width of the rules' own curve on the scale of logged paces. */
const WIDTH = 1.1;
/** Freedom of each pace besides more or fewer callers, sooner or later; neighbours go together. */
const FREE = 0.3;
const REACH = 1.5;
/** How much the share that calls after the repair differs between incidents. */
const AFTER_SPREAD = 0.7;

/** Habits known up to a normal error. */
export interface HabitsEstimate {
  readonly mean: readonly number[];
  /** `HABITS` × `HABITS`, row by row */
  readonly covariance: readonly number[];
}

/** Share of a pace that has called so many minutes after the loss, 0 to 1 (DLMF 8.4.8). */
export function calledBy(pace: number, minutes: number): number {
  if (minutes <= 0) return 0;
  const x = (2 * minutes) / pace;
  return 1 - (1 + x) * Math.exp(-x);
}

/** Habits by the rules alone, before any incident. */
export function habitsOfRules(rules: SurgeRules): HabitsEstimate {
  const shares = sharesOf(rules.delayMinutes);
  const middle = shares.reduce((sum, share, k) => sum + share * Math.log(PACES[k] ?? 1), 0);
  const later = PACES.map((pace) => (Math.log(pace) - middle) / WIDTH ** 2);
  const covariance = new Array<number>(HABITS * HABITS).fill(0);
  for (let i = 0; i < PACES.length; i++) {
    for (let j = 0; j < PACES.length; j++) {
      covariance[i * HABITS + j] =
        rules.levelSpread ** 2 +
        rules.delaySpread ** 2 * (later[i] ?? 0) * (later[j] ?? 0) +
        FREE ** 2 * Math.exp(-Math.abs(i - j) / REACH);
    }
  }
  covariance[HABITS * HABITS - 1] = AFTER_SPREAD ** 2;
  // The mean of a log-normal variable lies above its median: so the shares are those of the rules on
  // average, whatever is not known of them. The level's median is theirs.
  const raised = (k: number): number =>
    (covariance[k * HABITS + k] ?? 0) - (k < PACES.length ? rules.levelSpread ** 2 : 0);
  const shareOf = [...shares, Math.max(1e-3, rules.afterWave)];
  return { mean: shareOf.map((share, k) => Math.log(share) - raised(k) / 2), covariance };
}

/** Shares by pace, in a bell on the logged scale, whose mean delay is as given. */
function sharesOf(delayMinutes: number): number[] {
  let centre = Math.log(delayMinutes);
  let shares: number[] = [];
  for (let round = 0; round < 30; round++) {
    const bell = PACES.map((pace) => Math.exp(-0.5 * ((Math.log(pace) - centre) / WIDTH) ** 2));
    const total = bell.reduce((sum, each) => sum + each, 0);
    shares = bell.map((each) => each / total);
    const mean = shares.reduce((sum, share, k) => sum + share * (PACES[k] ?? 0), 0);
    centre += Math.max(-1, Math.min(1, Math.log(delayMinutes / mean)));
  }
  return shares;
}
