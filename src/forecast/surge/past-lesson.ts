import type { PastIncident } from '../../domain/past-incident.js';
import type { LocalTime } from '../local-time.js';
import type { SurgeRules } from '../rules.js';
import { CallClock } from './call-clock.js';
import { habitsOfRules } from './call-habits.js';
import { IncidentCurve } from './incident-curve.js';
import type { IncidentLoad } from './incident-load.js';
import { Stretches } from './stretches.js';
import { believe, evidenceOf, expectedOf, type Judgement } from './surge-belief.js';
import { FIRST_ROUGHNESS, type SurgeLesson } from './surge-prior.js';

/** Calls beyond the usual ones, with how well they are known. */
export interface ExtraCalls {
  readonly calls: number;
  readonly variance: number;
}

/** Standard deviation of the logarithm of how many were affected, as people write it down. */
const AFFECTED_DOUBT = 0.2;
/** Calls that are less than so many standard deviations from none teach nothing of their number. */
const LEAST_SIGMAS = 2;

/**
 * What an imported incident teaches of how many call: its calls, all together, against those that the
 * rules expect of so many people over the same time. When they called it does not say.
 * @param extra its calls; undefined when nobody knows
 * @param untilMs until when calls counted, its after-wave among them
 * @returns undefined when it lasts, when nobody knows how many were affected, or when its calls do not
 *   stand out
 */
export function lessonOfPast(
  past: PastIncident,
  extra: ExtraCalls | undefined,
  { rules, local, untilMs }: { rules: SurgeRules; local: LocalTime; untilMs: number },
): SurgeLesson | undefined {
  if (past.affected === undefined || past.endedBy === null || extra === undefined) return undefined;
  const load = loadOf(past, past.affected, past.endedBy);
  const { calls, variance } = extra;
  const of = judgementOf(load, extra, { rules, local, untilMs });
  const expected = expectedOf(of.prior, of.calls)[0] ?? 0;
  if (expected <= 0 || calls <= LEAST_SIGMAS * Math.sqrt(variance)) return undefined;
  const service = past.service ?? 'none';
  return {
    incidentId: `past ${past.id}`,
    endedAtMs: Date.parse(past.endedBy),
    service,
    habits: evidenceOf(believe(of), of),
    roughness: FIRST_ROUGHNESS,
    explained: [],
  };
}

function loadOf(past: PastIncident, people: number, endedBy: string): IncidentLoad {
  const startedAtMs = Date.parse(past.startedAt);
  const degree = past.service === 'degraded' ? 0 : 1;
  return {
    incidentId: past.id,
    causeKind: past.causeKind ?? '',
    startedAtMs,
    endedAtMs: Date.parse(endedBy),
    repair: null,
    people: [{ segment: '', language: '', people, degree }],
    cohorts: [{ sinceMs: startedAtMs, share: 1 }],
    told: [],
    areas: {},
  };
}

/** All calls of the incident as one count, its doubt about who was affected as roughness. */
function judgementOf(
  load: IncidentLoad,
  { calls, variance }: ExtraCalls,
  { rules, local, untilMs }: { rules: SurgeRules; local: LocalTime; untilMs: number },
): Judgement {
  const { startedAtMs, endedAtMs } = load;
  const clock = new CallClock(rules.hours, local, startedAtMs, untilMs);
  const curve = new IncidentCurve(load, rules, clock);
  const outcome = { atMs: endedAtMs ?? untilMs, weight: 1 };
  const stretch = { fromMs: startedAtMs, toMs: untilMs };
  return {
    prior: { ...habitsOfRules(rules), roughness: AFFECTED_DOUBT ** 2 },
    seen: [{ ...stretch, calls, others: 0, othersVariance: variance, share: 1 }],
    calls: new Stretches([stretch], clock, rules, outcome).byPace(curve),
    fadesFromMs: null,
  };
}
