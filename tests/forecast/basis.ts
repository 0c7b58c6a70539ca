import type { ForecastBasis } from '../../src/forecast/forecast-basis.js';
import { LEVELS } from '../../src/forecast/ordinary/levels.js';
import type { IncidentLoad } from '../../src/forecast/surge/incident-load.js';
import type { SurgeBelief } from '../../src/forecast/surge/surge-belief.js';
import { priorFrom } from '../../src/forecast/surge/surge-prior.js';
import { forecastRules } from './shipped-rules.js';

/** Tuesday 10:00 in Paris. */
export const NOW_MS = Date.UTC(2026, 4, 5, 8);

/** An incident that began half an hour ago and took all service from so many. */
export function loadOf(people: number, over: Partial<IncidentLoad> = {}): IncidentLoad {
  const startedAtMs = over.startedAtMs ?? NOW_MS - 30 * 60_000;
  return {
    incidentId: 'inc-1',
    causeKind: 'transport',
    startedAtMs,
    endedAtMs: null,
    repair: { atMs: NOW_MS + 2 * 3_600_000, lowMs: null, highMs: null },
    people: [{ segment: 'consumer', language: 'fr', people, degree: 1 }],
    cohorts: [{ sinceMs: startedAtMs, share: 1 }],
    told: [],
    areas: {},
    ...over,
  };
}

const belief: SurgeBelief = { ...priorFrom([], forecastRules.surge, 'none'), seen: 0 };

/** Two queues over eight hours: 60 calls a quarter hour at `technical`, 20 at `business`. */
export function basisOf(loads: readonly IncidentLoad[], roster: number | null = 40): ForecastBasis {
  const steps = 32;
  const queue = (name: string, calls: number) => ({
    queue: name,
    median: Array.from({ length: steps }, () => calls),
    quantiles: LEVELS.map((level) =>
      Array.from({ length: steps }, () => calls * (0.7 + 0.6 * level)),
    ),
    isOpen: Array.from({ length: steps }, () => true),
    ahtSeconds: 300,
    roster: Array.from({ length: steps }, () => roster),
    redialsDue: 0,
  });
  return {
    format: 2,
    issuedAtMs: NOW_MS,
    firstMs: NOW_MS,
    intervalSeconds: 900,
    steps,
    queues: [queue('business', 20), queue('technical', 60)],
    incidents: loads.map((load) => ({ load, belief })),
  };
}
