import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import type { ReplayedIncident } from '../../../replay-report.js';
import type { Figures } from '../figures.js';
import type { CaseRun } from './run-case.js';

const MOST_LISTED = 6;

function describeReported(run: CaseRun, incident: ReplayedIncident): Figures {
  const match = run.scoring.matches.find(({ reportedId }) => reportedId === incident.id);
  const { cause } = incident;
  return {
    is: match === undefined ? 'false' : `found ${match.trueId}`,
    rightCause: match?.isRightCause ?? null,
    startedAt: incident.startedAt,
    detectedAt: incident.detectedAt,
    endedAt: incident.endedAt,
    cells: incident.cells.length,
    cause: `${cause.kind} ${cause.id} ${cause.probability.toFixed(2)}`,
    explanation: incident.explanation,
  };
}

function describeTrue(run: CaseRun): Figures[] {
  const ids = [...new Set(run.truth.map(({ incidentId }) => incidentId))];
  return ids.map((id) => {
    const rows = run.truth.filter(({ incidentId }) => incidentId === id);
    const first = rows[0];
    return {
      id,
      isMissed: run.scoring.missedIds.includes(id),
      from: new Date(first?.startedAtMs ?? 0).toISOString(),
      to: first?.endedAtMs == null ? null : new Date(first.endedAtMs).toISOString(),
      cells: rows.length,
      cause: `${first?.causeKind} ${first?.causeId}`,
    };
  });
}

/** How many things are wrong with a case; 0 when all is as it should be. */
export function faultsOf({ scoring, truth }: CaseRun): number {
  const { falseIds, missedIds, matches, score } = scoring;
  const wrongCauses = matches.filter(({ isRightCause }) => isRightCause === false).length;
  const isSplit = truth.length > 0 && score.adjustedRandIndex < 1 ? 1 : 0;
  return falseIds.length + missedIds.length + wrongCauses + isSplit;
}

/** What went wrong in a case, enough to find it again: what was true, and what was said. */
export function describeFailure(run: CaseRun): Figures {
  const { plan, report, scoring } = run;
  const opened = report.incidents.filter(({ detectedAt }) => detectedAt !== null);
  return {
    case: plan.name,
    world: `seed ${plan.world.seed}, ${run.world.network.cells.length} cells`,
    noise: plan.world.noise,
    periodSeconds: PERIOD_MS / 1000,
    false: scoring.falseIds.length,
    missed: scoring.missedIds.length,
    ari: scoring.score.adjustedRandIndex,
    true: describeTrue(run),
    reported: opened.slice(0, MOST_LISTED).map((incident) => describeReported(run, incident)),
    suspected: report.incidents.length - opened.length,
  };
}
