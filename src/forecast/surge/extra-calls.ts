import type { ExtraCalls } from './past-lesson.js';

const WEEK_MS = 7 * 86_400_000;
/** Weeks that say what was usual. */
const WEEKS = [-3, -2, -1, 1, 2, 3];
/** With fewer of them nobody knows what was usual. */
const FEWEST_WEEKS = 3;

/**
 * Calls of one queue beyond what was usual at the same time of the weeks before and after, by their
 * median; variance from how much those weeks differ.
 * @param callsAt calls of the interval that begins then; undefined where nothing is known
 * @returns undefined where the history does not reach
 */
export function extraCalls(
  callsAt: (startMs: number) => number | undefined,
  stretch: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): ExtraCalls | undefined {
  const { fromMs, toMs, stepMs } = stretch;
  const totalOf = (weeks: number): number | undefined => {
    let sum = 0;
    for (let at = Math.floor(fromMs / stepMs) * stepMs; at < toMs; at += stepMs) {
      const calls = callsAt(at + weeks * WEEK_MS);
      if (calls === undefined) return undefined;
      sum += calls;
    }
    return sum;
  };
  const own = totalOf(0);
  const others = WEEKS.flatMap((weeks) => totalOf(weeks) ?? []).sort((a, b) => a - b);
  if (own === undefined || others.length < FEWEST_WEEKS) return undefined;
  const median = medianOf(others);
  const apart = medianOf(others.map((each) => Math.abs(each - median)).sort((a, b) => a - b));
  // 1.4826: from the median of distances to a standard deviation of a normal distribution.
  const spread = Math.max(1.4826 * apart, Math.sqrt(median));
  return { calls: own - median, variance: own + spread ** 2 * (1 + 1.57 / others.length) };
}

function medianOf(rising: readonly number[]): number {
  const middle = rising.length / 2;
  const low = rising[Math.ceil(middle) - 1] ?? 0;
  return (low + (rising[Math.floor(middle)] ?? low)) / 2;
}
