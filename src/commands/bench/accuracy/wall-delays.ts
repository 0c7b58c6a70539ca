import { median, quantileSorted } from 'simple-statistics';
import type { Figures } from '../figures.js';
import { rounded } from '../figures.js';
import type { CaseRun } from './run-case.js';

const LONGEST_WITH_ALARMS = 120;
/** One period of 15 minutes and the 5 that a feed is waited for. */
const LONGEST_BY_COUNTERS = 900 + 300;

/** How long one true incident took in the running service, by the clock on the wall. */
export interface WallDelay {
  /** its fault raised alarms */
  readonly isTold: boolean;
  /** seconds from failure until it was listed, suspected or more; undefined when never */
  readonly toListed: number | undefined;
  /** the same under the right cause */
  readonly toRightCause: number | undefined;
  /** until it was open; undefined when never */
  readonly toOpen: number | undefined;
}

/** One per true incident, found or not. */
export function wallDelaysOf({ live, truth, faults }: CaseRun): WallDelay[] {
  const ids = [...new Set(truth.map(({ incidentId }) => incidentId))];
  return ids.map((trueId) => {
    const rows = truth.filter(({ incidentId }) => incidentId === trueId);
    const startedMs = Math.min(...rows.map(({ startedAtMs }) => startedAtMs));
    const since = (atMs: number | undefined): number | undefined =>
      atMs === undefined ? undefined : (atMs - startedMs) / 1000;
    const match = live.scoring.matches.find((each) => each.trueId === trueId);
    const listing = live.listings.get(trueId);
    const fault = faults.find((each) => each.truth.some(({ incidentId }) => incidentId === trueId));
    return {
      isTold: (fault?.alarms.length ?? 0) > 0,
      toListed: since(listing?.atMs),
      toRightCause: since(listing?.withCauseAtMs),
      toOpen: since(match === undefined ? undefined : live.openedAtMs.get(match.reportedId)),
    };
  });
}

/** Wall delays of many true incidents to one of the moments. */
export interface DelaySummary {
  /** of those that came to it; null when none did */
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  /**
   * share of all true incidents that came to it within 2 minutes where the fault raised alarms,
   * within a period plus delivery elsewhere; null when there are none
   */
  readonly withinAim: number | null;
}

/** Wall delays of many true incidents: until listed, listed with the right cause, open. */
export interface WallDelays {
  readonly listed: DelaySummary;
  readonly rightCause: DelaySummary;
  readonly open: DelaySummary;
}

function summarize(
  delays: readonly WallDelay[],
  secondsOf: (delay: WallDelay) => number | undefined,
): DelaySummary {
  const seconds = delays.flatMap((delay) => secondsOf(delay) ?? []).sort((a, b) => a - b);
  const isWithin = (delay: WallDelay): boolean => {
    const most = delay.isTold ? LONGEST_WITH_ALARMS : LONGEST_BY_COUNTERS;
    return (secondsOf(delay) ?? Number.POSITIVE_INFINITY) <= most;
  };
  return {
    medianSeconds: seconds.length === 0 ? null : median(seconds),
    p90Seconds: seconds.length === 0 ? null : quantileSorted(seconds, 0.9),
    withinAim: delays.length === 0 ? null : delays.filter(isWithin).length / delays.length,
  };
}

/** Adds the wall delays of runs up. */
export function summarizeDelays(runs: readonly CaseRun[]): WallDelays {
  const delays = runs.flatMap(wallDelaysOf);
  return {
    listed: summarize(delays, ({ toListed }) => toListed),
    rightCause: summarize(delays, ({ toRightCause }) => toRightCause),
    open: summarize(delays, ({ toOpen }) => toOpen),
  };
}

/** Wall delays as plain JSON. */
export function wallFigures({ listed, rightCause, open }: WallDelays): Figures {
  return {
    medianListedSeconds: rounded(listed.medianSeconds, 0),
    p90ListedSeconds: rounded(listed.p90Seconds, 0),
    listedWithinAim: rounded(listed.withinAim, 4),
    rightCauseListedWithinAim: rounded(rightCause.withinAim, 4),
    medianWallSeconds: rounded(open.medianSeconds, 0),
    p90WallSeconds: rounded(open.p90Seconds, 0),
    withinWallAim: rounded(open.withinAim, 4),
  };
}
