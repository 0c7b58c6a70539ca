import type { Arrivals } from './queue-calls.js';

/** Where incidents brought more than this share of an interval's calls, it does not tell what is usual. */
const MOST_EXPLAINED = 0.02;

/** What is known of the intervals that a mix is counted from. */
export interface MixFrame {
  /** calls of an interval from this moment on do not count, epoch ms */
  readonly untilMs: number;
  /** … nor from this one on, when an incident that runs began */
  readonly plainUntilMs: number;
  /** calls that past incidents brought in a stretch of time */
  readonly explained: (startMs: number, intervalSeconds: number) => number;
}

/**
 * Ordinary calls by area: those of intervals without incidents, since an incident brings many times
 * the usual calls of its areas. Where there are none such, of all before `untilMs`, then of all.
 * Counting begins with the first call that carries an area: before it the source told none.
 * @param arrivals rising in time
 * @returns calls by area, '' where it is not known
 */
export function areaMix(arrivals: readonly Arrivals[], frame: MixFrame): Map<string, number> {
  const first = arrivals.findIndex(({ areas }) => [...areas.keys()].some((area) => area !== ''));
  const told = first < 0 ? arrivals : arrivals.slice(first);
  const before = told.filter(({ startMs }) => startMs < frame.untilMs);
  const plain = before.filter((each) => isPlain(each, frame));
  const counted = [plain, before].find(({ length }) => length > 0) ?? told;
  const mix = new Map<string, number>();
  for (const { areas } of counted) {
    for (const [area, calls] of areas) mix.set(area, (mix.get(area) ?? 0) + calls);
  }
  return mix;
}

function isPlain({ startMs, intervalSeconds, areas }: Arrivals, frame: MixFrame): boolean {
  if (startMs + intervalSeconds * 1000 > frame.plainUntilMs) return false;
  let all = 0;
  for (const calls of areas.values()) all += calls;
  return frame.explained(startMs, intervalSeconds) <= MOST_EXPLAINED * all;
}
