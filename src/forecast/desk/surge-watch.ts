import { contentId } from '../../domain/ids.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { QueueSurge, SurgeNews } from '../../domain/surge-alert.js';
import type { DeskRules } from './rules.js';

/** An alert that has been raised and not cleared. Times are epoch ms of network time. */
export interface OpenAlert {
  readonly alertId: string;
  readonly raisedAtMs: number;
  readonly revision: number;
  /** those that were told of, in the order they came */
  readonly queues: readonly string[];
  /** since when nothing ahead is a surge; null while something is */
  readonly calmSinceMs: number | null;
}

/** Something to tell. `queues` are those it is about: of `wider` only the new ones. */
export interface AlertEvent {
  readonly kind: SurgeNews;
  readonly revision: number;
  readonly queues: readonly string[];
}

/** What the watch makes of a forecast. */
export interface SurgeVerdict {
  /** the alert as it now stands; undefined when there never was one */
  readonly alert: OpenAlert | undefined;
  readonly event: AlertEvent | undefined;
  /** queues whose forecast holds a surge, worst first */
  readonly surges: readonly QueueSurge[];
  /** ids of the incidents that bring the calls ahead, most calls first */
  readonly incidents: readonly string[];
}

type Verdict = Omit<SurgeVerdict, 'incidents'>;

type SurgeRules = DeskRules['surge'];

/** Calls that incidents add to an interval, those who try again among them. */
function extraOf(each: IntervalForecast): number {
  return each.surge + each.redials;
}

function isAbove(each: IntervalForecast, share: number, least: number): boolean {
  const extra = extraOf(each);
  return extra >= least && extra >= share * each.ordinary;
}

/**
 * Decides whether the desk is to be told, from the newest forecast. One alert lasts from the first
 * surge until nothing ahead exceeds the lower threshold for `clearMinutes`; in between only further
 * queues are news. Deterministic: the alert's id follows from when and where it was raised.
 * @param intervals of all queues, from now on
 */
export function watchSurge(
  open: OpenAlert | undefined,
  intervals: readonly IntervalForecast[],
  rules: SurgeRules,
  nowMs: number,
): SurgeVerdict {
  const untilMs = nowMs + rules.lookAheadHours * 3_600_000;
  const ahead = intervals.filter((each) => Date.parse(each.start) < untilMs);
  return { ...verdictOf(open, ahead, rules, nowMs), incidents: incidentsOf(ahead) };
}

function verdictOf(
  open: OpenAlert | undefined,
  ahead: readonly IntervalForecast[],
  rules: SurgeRules,
  nowMs: number,
): Verdict {
  const surges = surgesOf(ahead, rules);
  const names = surges.map(({ queue }) => queue);
  if (open === undefined) {
    const [worst] = names;
    if (worst === undefined) return { alert: undefined, event: undefined, surges };
    const alertId = contentId('surge', nowMs, worst);
    return {
      alert: { alertId, raisedAtMs: nowMs, revision: 1, queues: names, calmSinceMs: null },
      event: { kind: 'surge', revision: 1, queues: names },
      surges,
    };
  }
  const isCalm = !ahead.some((each) => isAbove(each, rules.clearShare, rules.leastCalls / 2));
  return goOn({ ...open, calmSinceMs: isCalm ? (open.calmSinceMs ?? nowMs) : null }, surges, {
    clearMs: rules.clearMinutes * 60_000,
    nowMs,
  });
}

function goOn(
  open: OpenAlert,
  surges: readonly QueueSurge[],
  { clearMs, nowMs }: { clearMs: number; nowMs: number },
): Verdict {
  const revision = open.revision + 1;
  const added = surges.map(({ queue }) => queue).filter((queue) => !open.queues.includes(queue));
  if (added.length > 0) {
    const alert = { ...open, revision, queues: [...open.queues, ...added] };
    return { alert, event: { kind: 'wider', revision, queues: added }, surges };
  }
  if (open.calmSinceMs !== null && nowMs - open.calmSinceMs >= clearMs) {
    const alert = { ...open, revision };
    return { alert, event: { kind: 'allClear', revision, queues: open.queues }, surges };
  }
  return { alert: open, event: undefined, surges };
}

function incidentsOf(ahead: readonly IntervalForecast[]): string[] {
  const calls = new Map<string, number>();
  for (const each of ahead) {
    for (const part of each.incidents) {
      calls.set(part.incidentId, (calls.get(part.incidentId) ?? 0) + part.calls);
    }
  }
  return [...calls].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
}

function surgesOf(ahead: readonly IntervalForecast[], rules: SurgeRules): QueueSurge[] {
  const byQueue = new Map<string, IntervalForecast[]>();
  for (const each of ahead) {
    const own = byQueue.get(each.queue);
    if (own) own.push(each);
    else byQueue.set(each.queue, [each]);
  }
  const found: QueueSurge[] = [];
  for (const own of byQueue.values()) {
    const surge = own.filter((each) => isAbove(each, rules.raiseShare, rules.leastCalls));
    if (surge.length > 0) found.push(summaryOf(surge, own));
  }
  return found.sort(
    (a, b) =>
      (b.gapHours ?? 0) - (a.gapHours ?? 0) ||
      b.extraCalls - a.extraCalls ||
      (a.queue < b.queue ? -1 : 1),
  );
}

/** @param surge intervals of one queue above the threshold, rising, at least one */
function summaryOf(
  surge: readonly IntervalForecast[],
  all: readonly IntervalForecast[],
): QueueSurge {
  const callsOf = (each: IntervalForecast): number => each.ordinary + extraOf(each);
  const peak = surge.reduce((best, each) => (callsOf(each) > callsOf(best) ? each : best));
  const last = surge.at(-1) ?? peak;
  const gaps = surge.flatMap((each) => gapOf(each) ?? []);
  return {
    queue: peak.queue,
    from: surge[0]?.start ?? peak.start,
    until: new Date(Date.parse(last.start) + last.intervalSeconds * 1000).toISOString(),
    peakAt: peak.start,
    peakCalls: callsOf(peak),
    peakOrdinary: peak.ordinary,
    extraCalls: all.reduce((sum, each) => sum + extraOf(each), 0),
    agents: peak.agents,
    gapAgents: gaps.length === 0 ? null : Math.max(...gaps.map(({ agents }) => agents)),
    gapHours:
      gaps.length === 0 ? null : gaps.reduce((sum, { hours }) => sum + Math.max(0, hours), 0),
  };
}

function gapOf({ roster }: IntervalForecast): { agents: number; hours: number } | undefined {
  return roster === null ? undefined : { agents: roster.gapAgents, hours: roster.gapHours };
}
