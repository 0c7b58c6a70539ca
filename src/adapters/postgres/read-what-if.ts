import type pg from 'pg';
import type { Scenario, WhatIfAnswer, WhatIfBody } from '../../api/ports.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { ForecastBasis } from '../../forecast/forecast-basis.js';
import type { ForecastRules } from '../../forecast/rules.js';
import { type WhatIfScenario, whatIf } from '../../forecast/what-if.js';
import { query } from './pool.js';

/**
 * Compares courses of action from what the newest forecast is made of; changes nothing.
 * @returns undefined while there is no forecast
 * @throws TocsinError `input.payload` for an incident or a queue that the forecast does not hold
 */
export async function readWhatIf(
  pool: pg.Pool,
  rules: ForecastRules,
  { scenarios, queue, hours }: WhatIfBody,
): Promise<WhatIfAnswer | undefined> {
  const { rows } = await query<{ basis: ForecastBasis }>(pool, 'select basis from forecast_basis');
  const basis = rows[0]?.basis;
  if (basis === undefined) return undefined;
  const { issuedAtMs, currency, assumedRosters, outcomes } = whatIf(
    basis,
    rules,
    scenarios.map(scenarioOf),
  );
  const untilMs = issuedAtMs + hours * 3_600_000;
  const isShown = (each: IntervalForecast): boolean =>
    (queue === undefined || each.queue === queue) && Date.parse(each.start) < untilMs;
  return {
    issuedAt: new Date(issuedAtMs).toISOString(),
    currency,
    assumedRosters: [...assumedRosters],
    incidents: basis.incidents.map(({ load }) => load.incidentId),
    outcomes: outcomes.map(({ name, totals, intervals }) => ({
      name,
      totals,
      curve: curveOf(intervals.filter(isShown)),
    })),
  };
}

/** Intervals of several queues added up, by start. */
function curveOf(
  intervals: readonly IntervalForecast[],
): WhatIfAnswer['outcomes'][number]['curve'] {
  const points = new Map<string, { calls: number; agents: number; abandonedCalls: number }>();
  for (const each of intervals) {
    const point = points.get(each.start) ?? { calls: 0, agents: 0, abandonedCalls: 0 };
    point.calls += each.ordinary + each.surge + each.redials;
    point.agents += each.agents;
    point.abandonedCalls += each.roster?.abandonedCalls ?? 0;
    points.set(each.start, point);
  }
  return [...points]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([start, each]) => ({ start, ...each }));
}

function scenarioOf({ name, notify, repair, ivr, calledIn }: Scenario): WhatIfScenario {
  const ms = (iso: string): number => Date.parse(iso);
  const until = (iso: string | undefined) => (iso === undefined ? {} : { untilMs: ms(iso) });
  const of = (incidentId: string | undefined) => (incidentId === undefined ? {} : { incidentId });
  return {
    name,
    ...(notify && {
      notify: [{ ...of(notify.incidentId), atMs: notify.at === null ? null : ms(notify.at) }],
    }),
    ...(repair && { repair: [{ ...of(repair.incidentId), atMs: ms(repair.at) }] }),
    ...(ivr && { ivr: { fromMs: ms(ivr.from), ...until(ivr.until) } }),
    ...(calledIn && {
      calledIn: calledIn.map((each) => ({
        queue: each.queue,
        agents: each.agents,
        fromMs: ms(each.from),
        ...until(each.until),
      })),
    }),
  };
}
