import { loadYaml } from '../../../src/adapters/rules/load-yaml.js';
import type { IntervalForecast } from '../../../src/domain/interval-forecast.js';
import { checkDeskRules, DeskRules } from '../../../src/forecast/desk/rules.js';

export const deskRules = loadYaml(
  new URL('../../../rules/desk.yaml', import.meta.url).pathname,
  DeskRules,
  checkDeskRules,
);
export const T0 = Date.parse('2026-03-10T14:00:00Z');
export const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

/** Eight quarter hours of one queue from `nowMs` on, with so many incident calls in each. */
export function ahead(
  queue: string,
  nowMs: number,
  surge: readonly number[],
  roster: number | null = null,
): IntervalForecast[] {
  const firstMs = Math.floor(nowMs / QUARTER) * QUARTER;
  return Array.from({ length: 8 }, (_, n) => {
    const calls = surge[n] ?? 0;
    return {
      queue,
      start: new Date(firstMs + n * QUARTER).toISOString(),
      intervalSeconds: 900,
      ordinary: 40,
      surge: calls,
      incidents: calls > 0 ? [{ incidentId: 'inc-1', calls }] : [],
      redials: 0,
      quantiles: { '0.5': 40 + calls },
      agents: Math.ceil((40 + calls) / 4),
      agentsErlangC: null,
      rostered: Math.ceil((40 + calls) / 3),
      roster:
        roster === null
          ? null
          : {
              agents: roster,
              atWork: roster,
              gapAgents: Math.ceil((40 + calls) / 3) - roster,
              gapHours: (Math.ceil((40 + calls) / 3) - roster) / 4,
              serviceLevel: 0.5,
              asaSeconds: 60,
              occupancy: 0.9,
              abandonment: 0.1,
              abandonedCalls: 1,
            },
    };
  });
}
