import type { Scenario, WhatIfAnswer, WhatIfBody } from '../api/ports.js';
import type { IntervalForecast } from '../domain/interval-forecast.js';
import type { ForecastBasis } from '../forecast/forecast-basis.js';
import type { ForecastRules } from '../forecast/rules.js';
import { type WhatIfScenario, whatIf } from '../forecast/what-if.js';

/** Courses of action to be compared; can be handed to a thread. */
export interface WhatIfQuestion {
  /** `ForecastBasis` as JSON */
  readonly basis: string;
  readonly rules: ForecastRules;
  readonly asked: WhatIfBody;
}

/**
 * Compares courses of action from what a forecast is made of; changes nothing.
 * @throws TocsinError `input.payload` for an incident or a queue that the forecast does not hold
 */
export function answerWhatIf({ basis: text, rules, asked }: WhatIfQuestion): WhatIfAnswer {
  const basis = JSON.parse(text) as ForecastBasis;
  const { scenarios, queue, hours } = asked;
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
