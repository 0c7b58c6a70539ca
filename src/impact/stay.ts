import type { DayPart, DayPartClock } from './day-parts.js';
import { meanStayMinutes, type WhereaboutsRules } from './whereabouts-rules.js';

const MINUTE = 60_000;
const QUARTER_MS = 15 * MINUTE;

/** A time within one part of the week; `left` is the sum of leaving rates from its end until now. */
export interface StaySegment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ratePerMs: number;
  readonly left: number;
}

/**
 * The time before now in pieces of one part of the week, earliest first, reaching back as long as
 * sightings are kept. People leave a place at a constant rate within a part (a Markov jump process
 * whose rate is one over the mean stay), so the chance that somebody seen at `s` has not left is
 * exp(−∫ rate from `s`). Where usual places are learnt, whoever leaves may come to the same usual
 * place again: staying there follows from its weight, and the rate is that of other places.
 */
export function staySegments(
  nowMs: number,
  clock: DayPartClock,
  rules: WhereaboutsRules,
): StaySegment[] {
  const segments: StaySegment[] = [];
  const oldestMs = nowMs - rules.keepHours * 60 * MINUTE;
  let toMs = nowMs;
  let left = 0;
  while (toMs > oldestMs) {
    const part = clock.at(toMs - 1);
    const fromMs = Math.max(oldestMs, beginOf(part, toMs, oldestMs, clock));
    const ratePerMs = 1 / (meanStayMinutes(rules, part) * MINUTE);
    segments.unshift({ fromMs, toMs, ratePerMs, left });
    left += ratePerMs * (toMs - fromMs);
    toMs = fromMs;
  }
  return segments;
}

/** Parts of the week begin on a quarter hour in every zone. */
function beginOf(part: DayPart, toMs: number, oldestMs: number, clock: DayPartClock): number {
  let fromMs = Math.floor((toMs - 1) / QUARTER_MS) * QUARTER_MS;
  while (fromMs > oldestMs && clock.at(fromMs - 1) === part) fromMs -= QUARTER_MS;
  return fromMs;
}

/** Sum of leaving rates from a moment until now; infinite for one before the first piece. */
function leavingSince(segments: readonly StaySegment[], ms: number): number {
  const last = segments[segments.length - 1];
  if (last === undefined || ms >= last.toMs) return 0;
  const found = segments.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  if (found === undefined) return Number.POSITIVE_INFINITY;
  return found.left + found.ratePerMs * (found.toMs - ms);
}

/**
 * Probability that somebody seen at a cell is there still, when no more is known of them.
 * `darkSinceMs` is when the cell went dark, if it did: nobody can be seen there from then on, so that
 * not being seen says nothing and only the time until then counts. A sighting after that, which the
 * network's own clocks can bring about, counts as one at that moment.
 * @returns in [0,1]; 0 for a sighting older than is kept
 */
export function stayProbability(
  segments: readonly StaySegment[],
  seenMs: number,
  darkSinceMs?: number,
): number {
  const since = leavingSince(segments, seenMs);
  if (since === Number.POSITIVE_INFINITY) return 0;
  const after =
    darkSinceMs === undefined ? 0 : leavingSince(segments, Math.max(seenMs, darkSinceMs));
  return Math.exp(-Math.max(0, since - after));
}
