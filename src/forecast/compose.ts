import type { IntervalForecast } from '../domain/interval-forecast.js';
import type { ForecastBasis, QueueBasis } from './forecast-basis.js';
import { LocalTime } from './local-time.js';
import { type ForecastRules, type QueueStaffing, staffingOf } from './rules.js';
import { erlangA } from './staffing/erlang.js';
import { type IntervalStaffing, staffInterval } from './staffing/staff-interval.js';
import { CallClock } from './surge/call-clock.js';
import type { IvrMessage } from './surge/incident-curve.js';
import { type IncidentSteps, incidentSteps } from './surge/incident-steps.js';
import { type IncidentRoutes, type OpenQueue, routesOf, sharesAt } from './surge/queue-routes.js';
import { LEVEL_KEYS, totalBand } from './surge/total-band.js';

/** What differs from the way things stand. */
export interface Change {
  readonly ivr?: IvrMessage | undefined;
  /** agents at work beyond the roster */
  readonly calledIn?: (queue: string, startMs: number) => number;
}

/** How much the number of those who try again is off, as a share of it. */
const REDIAL_DOUBT = 0.3;

/** Fewer calls of an incident in an interval are none. */
const NEGLIGIBLE = 1e-3;

/** A forecast's intervals, all queues by name, rising in time. Pure: the same basis gives the same. */
export function composeForecast(
  basis: ForecastBasis,
  rules: ForecastRules,
  change: Change = {},
): IntervalForecast[] {
  const incidents = predictIncidents(basis, rules, change);
  const open = incidents.length > 0 ? openBySteps(basis) : [];
  const shares = incidents.map(({ routes }) => sharesByStep(open, routes));
  return basis.queues.flatMap((queue, at) => {
    const parts = incidents.map(({ id, steps }, i) => ({
      id,
      steps,
      share: shares[i]?.[at] ?? [],
    }));
    return composeQueue({ basis, rules, change, queue, parts });
  });
}

interface Predicted {
  readonly id: string;
  readonly steps: IncidentSteps;
  readonly routes: IncidentRoutes;
}

function predictIncidents(basis: ForecastBasis, rules: ForecastRules, change: Change): Predicted[] {
  if (basis.incidents.length === 0) return [];
  const clock = clockOf(basis, rules);
  return basis.incidents.map((incident) => ({
    id: incident.load.incidentId,
    steps: incidentSteps(incident, basis, rules.surge, clock, change.ivr),
    routes: routesOf(incident.load, rules.surge),
  }));
}

function clockOf(basis: ForecastBasis, rules: ForecastRules): CallClock {
  const starts = basis.incidents.map(({ load }) => load.startedAtMs);
  const endMs = basis.firstMs + basis.steps * basis.intervalSeconds * 1000;
  return new CallClock(
    rules.surge.hours,
    new LocalTime(rules.zone),
    Math.min(basis.firstMs, ...starts),
    endMs,
  );
}

function openBySteps(basis: ForecastBasis): OpenQueue[][] {
  return Array.from({ length: basis.steps }, (_, step) =>
    basis.queues.map(({ queue, isOpen, median }) => ({
      queue,
      isOpen: isOpen[step] ?? false,
      ordinary: median[step] ?? 0,
    })),
  );
}

/** Shares of one incident's calls by queue, then step. */
function sharesByStep(open: readonly (readonly OpenQueue[])[], routes: IncidentRoutes): number[][] {
  const byQueue: number[][] = (open[0] ?? []).map(() => []);
  for (const queues of open) {
    for (const [at, share] of sharesAt(routes, queues).entries()) byQueue[at]?.push(share);
  }
  return byQueue;
}

interface QueuePart {
  readonly id: string;
  readonly steps: IncidentSteps;
  readonly share: readonly number[];
}

interface QueueToCompose {
  readonly basis: ForecastBasis;
  readonly rules: ForecastRules;
  readonly change: Change;
  readonly queue: QueueBasis;
  readonly parts: readonly QueuePart[];
}

/** Calls of one step before anybody tries again. */
interface StepCalls {
  readonly ordinary: number;
  readonly surge: number;
  readonly variance: number;
  readonly incidents: IntervalForecast['incidents'];
}

function composeQueue(of: QueueToCompose): IntervalForecast[] {
  const { basis, rules, queue } = of;
  const staffing = staffingOf(rules.staffing, queue.queue);
  let [redialsAsNeeded, redialsAsRostered] = [queue.redialsDue, queue.redialsDue];
  let before = { agents: 0, erlangs: 0 };
  return Array.from({ length: basis.steps }, (_, step) => {
    const startMs = basis.firstMs + step * basis.intervalSeconds * 1000;
    const calls = callsOf(of, step);
    const roster = queue.roster[step] ?? null;
    const redials = roster === null ? redialsAsNeeded : redialsAsRostered;
    const ahtSeconds = handleTime(queue, calls, redials, rules);
    const neededCalls = calls.ordinary + calls.surge + redialsAsNeeded;
    const erlangs = (neededCalls * ahtSeconds) / basis.intervalSeconds;
    const calledIn = of.change.calledIn?.(queue.queue, startMs) ?? 0;
    const rosterCalls = calls.ordinary + calls.surge + redials;
    const load = { intervalSeconds: basis.intervalSeconds, neededCalls, rosterCalls, ahtSeconds };
    const near = before.agents + Math.round(erlangs - before.erlangs);
    const staffed = staffInterval(
      { ...load, roster, calledIn, near: step === 0 ? undefined : near },
      staffing,
      rules.staffing.cost,
    );
    before = { agents: staffed.agents, erlangs };
    const { redial } = rules.surge;
    redialsAsNeeded = redial * staffed.abandonment * (calls.surge + redialsAsNeeded);
    redialsAsRostered = redial * excess(staffed, calls, load, staffing);
    return interval({ queue, startMs, calls, redials, staffed, ahtSeconds, step, basis });
  });
}

function callsOf({ queue, parts }: QueueToCompose, step: number): StepCalls {
  let [surge, variance] = [0, 0];
  const incidents: { incidentId: string; calls: number }[] = [];
  for (const { id, steps, share } of parts) {
    const own = share[step] ?? 0;
    const calls = own * (steps.mean[step] ?? 0);
    if (calls < NEGLIGIBLE) continue;
    surge += calls;
    variance += calls + own ** 2 * (steps.variance[step] ?? 0);
    incidents.push({ incidentId: id, calls });
  }
  incidents.sort((a, b) => b.calls - a.calls || (a.incidentId < b.incidentId ? -1 : 1));
  return { ordinary: queue.median[step] ?? 0, surge, variance, incidents };
}

function handleTime(
  queue: QueueBasis,
  calls: StepCalls,
  redials: number,
  rules: ForecastRules,
): number {
  const incident = calls.surge + redials;
  const all = calls.ordinary + incident;
  const share = all > 0 ? incident / all : 0;
  return queue.ahtSeconds * (1 + share * (rules.staffing.incidentHandling - 1));
}

/** Calls given up beyond those that ordinary calls alone would give up with the same agents. */
function excess(
  staffed: IntervalStaffing,
  calls: StepCalls,
  load: { readonly intervalSeconds: number; readonly ahtSeconds: number },
  staffing: QueueStaffing,
): number {
  const { roster } = staffed;
  if (roster === null || roster.abandonedCalls <= 0 || calls.surge < 1e-3) return 0;
  const queue = {
    callsPerSecond: calls.ordinary / load.intervalSeconds,
    ahtSeconds: load.ahtSeconds,
    patienceSeconds: staffing.patienceSeconds,
  };
  const usual = erlangA(queue, roster.atWork, staffing.thresholdSeconds).abandonment;
  return Math.max(0, roster.abandonedCalls - usual * calls.ordinary);
}

/** Written key by key: half a million of them are made for each forecast of a large centre. */
function byLevel(band: readonly number[]): Record<string, number> {
  const quantiles: Record<string, number> = {};
  for (let k = 0; k < LEVEL_KEYS.length; k++) quantiles[LEVEL_KEYS[k] ?? ''] = band[k] ?? 0;
  return quantiles;
}

function interval(of: {
  readonly queue: QueueBasis;
  readonly basis: ForecastBasis;
  readonly step: number;
  readonly startMs: number;
  readonly calls: StepCalls;
  readonly redials: number;
  readonly staffed: IntervalStaffing;
  readonly ahtSeconds: number;
}): IntervalForecast {
  const { queue, step, calls, redials } = of;
  const { abandonment: _, ...staffed } = of.staffed;
  const quantiles = queue.quantiles.map((row) => row[step] ?? 0);
  const band = totalBand(
    { median: calls.ordinary, quantiles },
    {
      mean: calls.surge + redials,
      variance: calls.variance + redials + (REDIAL_DOUBT * redials) ** 2,
    },
  );
  return {
    queue: queue.queue,
    start: new Date(of.startMs).toISOString(),
    intervalSeconds: of.basis.intervalSeconds,
    ordinary: calls.ordinary,
    surge: calls.surge,
    incidents: calls.incidents,
    redials,
    quantiles: byLevel(band),
    ahtSeconds: of.ahtSeconds,
    ...staffed,
  };
}
