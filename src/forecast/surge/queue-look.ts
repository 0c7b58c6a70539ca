import type { Arrivals, QueueCalls } from '../queue-calls.js';

/** Finer counts are put together to this length: no more is told by single minutes. */
const GROUP_MS = 300_000;

/** Calls that came to a queue in a stretch of time, with those that were due without incidents. */
export interface Counted {
  readonly fromMs: number;
  readonly toMs: number;
  readonly calls: number;
  /** by area; '' where it is not known */
  readonly areas: ReadonlyMap<string, number>;
  /** ordinary calls due: mean, and variance with chance */
  readonly ordinary: number;
  readonly ordinaryVariance: number;
  /** calls due of those who gave up before because of incidents */
  readonly redials: number;
}

/** How people who gave up try again. */
export interface RedialHabit {
  /** share of them that does */
  readonly redial: number;
  /** within this time */
  readonly redialMs: number;
}

/** What came to a queue since then, rising in time; the same for every incident. */
export function lookAt(calls: QueueCalls, sinceMs: number, habit: RedialHabit): Counted[] {
  const arrivals = calls.arrivals(sinceMs - habit.redialMs);
  const groups = grouped(arrivals);
  return groups
    .filter(({ startMs, intervalSeconds }) => startMs + intervalSeconds * 1000 > sinceMs)
    .map((each) => {
      const { mean, variance } = calls.ordinaryIn(each.startMs, each.intervalSeconds);
      return {
        fromMs: each.startMs,
        toMs: each.startMs + each.intervalSeconds * 1000,
        calls: offeredOf(each),
        areas: each.areas,
        ordinary: mean,
        ordinaryVariance: variance,
        redials: redialsIn(each, arrivals, calls, habit),
      };
    });
}

function offeredOf({ areas }: Arrivals): number {
  let sum = 0;
  for (const calls of areas.values()) sum += calls;
  return Math.max(0, sum);
}

/** Calls given up beyond the usual share of those offered; 0 where the source does not say. */
export function excessAbandoned(each: Arrivals, calls: QueueCalls): number {
  if (each.abandoned === undefined) return 0;
  return Math.max(0, each.abandoned - calls.usualAbandonment * offeredOf(each));
}

function redialsIn(
  each: Arrivals,
  arrivals: readonly Arrivals[],
  calls: QueueCalls,
  { redial, redialMs }: RedialHabit,
): number {
  let gaveUp = 0;
  for (const before of arrivals) {
    const isBefore = before.startMs < each.startMs && before.startMs >= each.startMs - redialMs;
    if (isBefore) gaveUp += excessAbandoned(before, calls);
  }
  return redial * gaveUp * Math.min(1, (each.intervalSeconds * 1000) / redialMs);
}

/** Joins counts that follow each other, finer ones to groups of five minutes. */
function grouped(arrivals: readonly Arrivals[]): Arrivals[] {
  const groups: Arrivals[] = [];
  for (const each of arrivals) {
    const last = groups.at(-1);
    const follows =
      last !== undefined &&
      each.startMs === last.startMs + last.intervalSeconds * 1000 &&
      Math.floor(each.startMs / GROUP_MS) === Math.floor(last.startMs / GROUP_MS);
    if (follows) groups[groups.length - 1] = joined(last, each);
    else groups.push(each);
  }
  return groups;
}

function joined(first: Arrivals, second: Arrivals): Arrivals {
  const areas = new Map(first.areas);
  for (const [area, calls] of second.areas) areas.set(area, (areas.get(area) ?? 0) + calls);
  const isKnown = first.abandoned !== undefined && second.abandoned !== undefined;
  return {
    startMs: first.startMs,
    intervalSeconds: first.intervalSeconds + second.intervalSeconds,
    areas,
    abandoned: isKnown ? (first.abandoned ?? 0) + (second.abandoned ?? 0) : undefined,
  };
}
