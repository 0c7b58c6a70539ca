import { TocsinError } from '../domain/errors.js';
import type { IntervalForecast } from '../domain/interval-forecast.js';
import { type Change, composeForecast } from './compose.js';
import type { ForecastBasis, QueueBasis } from './forecast-basis.js';
import { type ForecastRules, staffingOf } from './rules.js';
import { agentsFor, rosteredFor } from './staffing/agents-for.js';
import { affectedOf, type IncidentLoad } from './surge/incident-load.js';

/** One course of action; what is not given stays as it is. Times are epoch ms. */
export interface WhatIfScenario {
  readonly name: string;
  /** when people who have not been told are told; null: nobody more ever is */
  readonly notify?: readonly { readonly incidentId?: string; readonly atMs: number | null }[];
  readonly repair?: readonly { readonly incidentId?: string; readonly atMs: number }[];
  readonly ivr?: { readonly fromMs: number; readonly untilMs?: number };
  /** agents at work beyond the roster, in one queue */
  readonly calledIn?: readonly {
    readonly queue: string;
    readonly agents: number;
    readonly fromMs: number;
    readonly untilMs?: number;
  }[];
}

/** What a course of action comes to, over all queues and steps. */
export interface WhatIfTotals {
  readonly calls: number;
  readonly surge: number;
  readonly redials: number;
  readonly abandonedCalls: number;
  /** answered within each queue's threshold ÷ offered */
  readonly serviceLevel: number;
  /** mean wait of all offered calls */
  readonly asaSeconds: number;
  /** mean wait of the worst queue and interval */
  readonly worstAsaSeconds: number;
  /** people missing on the roster, in hours, intervals with too many left out */
  readonly missingHours: number;
  readonly cost: number;
}

/** One course of action: its curve and what it comes to. */
export interface WhatIfOutcome {
  readonly name: string;
  readonly intervals: readonly IntervalForecast[];
  readonly totals: WhatIfTotals;
}

/** Outcomes side by side. */
export interface WhatIfResult {
  readonly issuedAtMs: number;
  readonly currency: string;
  /** queues without a roster, for which the agents that ordinary calls need were assumed */
  readonly assumedRosters: readonly string[];
  /** as things stand first, then the scenarios in the order given */
  readonly outcomes: readonly WhatIfOutcome[];
}

/** An incident's people may be told within this time once it is decided. */
const TELLING_MS = 15 * 60_000;
const NAME_AS_IS = 'as things stand';

/**
 * Curves, waits, people who give up and cost of several courses of action, side by side with the way
 * things stand. Pure: everything comes from the basis of a forecast and the rules.
 *
 * @param scenarios telling people who are told already changes nothing; a repair before now is now
 * @throws TocsinError `input.payload` for an incident or a queue that the basis does not hold
 */
export function whatIf(
  basis: ForecastBasis,
  rules: ForecastRules,
  scenarios: readonly WhatIfScenario[],
): WhatIfResult {
  for (const scenario of scenarios) refuseUnknown(basis, scenario);
  const assumed = basis.queues.filter(({ roster }) => roster.every((each) => each === null));
  const staffed: ForecastBasis = {
    ...basis,
    queues: basis.queues.map((queue) =>
      assumed.includes(queue) ? withOrdinaryRoster(queue, basis, rules) : queue,
    ),
  };
  return {
    issuedAtMs: basis.issuedAtMs,
    currency: rules.staffing.cost.currency,
    assumedRosters: assumed.map(({ queue }) => queue),
    outcomes: [{ name: NAME_AS_IS }, ...scenarios].map((scenario) =>
      outcomeOf(scenario, staffed, rules),
    ),
  };
}

function refuseUnknown(basis: ForecastBasis, scenario: WhatIfScenario): void {
  const incidents = basis.incidents.map(({ load }) => load.incidentId);
  for (const { incidentId } of [...(scenario.notify ?? []), ...(scenario.repair ?? [])]) {
    if (incidentId === undefined || incidents.includes(incidentId)) continue;
    throw new TocsinError(
      'input.payload',
      `incident "${incidentId}" brings no calls now: those that do are ${list(incidents)}`,
    );
  }
  const queues = basis.queues.map(({ queue }) => queue);
  for (const { queue } of scenario.calledIn ?? []) {
    if (!queues.includes(queue))
      throw new TocsinError(
        'input.payload',
        `queue "${queue}" is unknown: known are ${list(queues)}`,
      );
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown || 'none';
}

function withOrdinaryRoster(
  queue: QueueBasis,
  basis: ForecastBasis,
  rules: ForecastRules,
): QueueBasis {
  const staffing = staffingOf(rules.staffing, queue.queue);
  const { ahtSeconds } = queue;
  const roster = queue.median.map((calls) => {
    const callsPerSecond = calls / basis.intervalSeconds;
    const load = { callsPerSecond, ahtSeconds, patienceSeconds: staffing.patienceSeconds };
    return rosteredFor(agentsFor(load, staffing).agents, staffing.shrinkage);
  });
  return { ...queue, roster };
}

function outcomeOf(
  scenario: WhatIfScenario,
  basis: ForecastBasis,
  rules: ForecastRules,
): WhatIfOutcome {
  const incidents = basis.incidents.map((incident) => ({
    ...incident,
    load: loadUnder(scenario, incident.load, basis.issuedAtMs),
  }));
  const intervals = composeForecast({ ...basis, incidents }, rules, changeOf(scenario));
  return { name: scenario.name, intervals, totals: totalsOf(intervals) };
}

function changeOf({ ivr, calledIn }: WhatIfScenario): Change {
  const end = Number.POSITIVE_INFINITY;
  return {
    ivr: ivr && { fromMs: ivr.fromMs, untilMs: ivr.untilMs ?? end },
    calledIn: (queue, startMs) =>
      (calledIn ?? [])
        .filter((each) => each.queue === queue)
        .filter(({ fromMs, untilMs }) => startMs >= fromMs && startMs < (untilMs ?? end))
        .reduce((sum, { agents }) => sum + Math.max(0, Math.floor(agents)), 0),
  };
}

function loadUnder(scenario: WhatIfScenario, load: IncidentLoad, nowMs: number): IncidentLoad {
  const isMeant = (each: { readonly incidentId?: string }): boolean =>
    each.incidentId === undefined || each.incidentId === load.incidentId;
  let changed = load;
  for (const { atMs } of (scenario.notify ?? []).filter(isMeant)) {
    changed = { ...changed, told: toldUnder(load, atMs, nowMs) };
  }
  for (const { atMs } of (scenario.repair ?? []).filter(isMeant)) {
    if (changed.endedAtMs !== null) continue;
    changed = { ...changed, endedAtMs: Math.max(atMs, nowMs) };
  }
  return changed;
}

function toldUnder(load: IncidentLoad, atMs: number | null, nowMs: number): IncidentLoad['told'] {
  const past = load.told.filter((each) => each.atMs <= nowMs);
  if (atMs === null) return past;
  const before = past.at(-1)?.people ?? 0;
  const all = Math.max(before, affectedOf(load));
  const from = Math.max(atMs, nowMs);
  const parts = [1 / 3, 2 / 3, 1];
  return [
    ...past,
    ...parts.map((part) => ({
      atMs: from + part * TELLING_MS,
      people: before + part * (all - before),
    })),
  ];
}

function totalsOf(intervals: readonly IntervalForecast[]): WhatIfTotals {
  const sums = { calls: 0, surge: 0, redials: 0, abandoned: 0, answered: 0, waited: 0, cost: 0 };
  let [worst, missing] = [0, 0];
  for (const each of intervals) {
    const calls = each.ordinary + each.surge + each.redials;
    sums.calls += calls;
    sums.surge += each.surge;
    sums.redials += each.redials;
    sums.cost += each.cost?.asRostered ?? each.cost?.needed ?? 0;
    sums.abandoned += each.roster?.abandonedCalls ?? 0;
    sums.answered += calls * (each.roster?.serviceLevel ?? 1);
    sums.waited += calls * (each.roster?.asaSeconds ?? 0);
    worst = Math.max(worst, each.roster?.asaSeconds ?? 0);
    missing += Math.max(0, each.roster?.gapHours ?? 0);
  }
  return {
    calls: sums.calls,
    surge: sums.surge,
    redials: sums.redials,
    abandonedCalls: sums.abandoned,
    serviceLevel: sums.calls > 0 ? sums.answered / sums.calls : 1,
    asaSeconds: sums.calls > 0 ? sums.waited / sums.calls : 0,
    worstAsaSeconds: worst,
    missingHours: missing,
    cost: sums.cost,
  };
}
