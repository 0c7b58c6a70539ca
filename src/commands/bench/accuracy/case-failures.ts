import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import type { ReplayedIncident } from '../../../replay-report.js';
import type { Figures } from '../figures.js';
import type { CaseRun } from './run-case.js';
import { wrongTextsIn } from './score-cases.js';
import type { WouldText } from './text-watch.js';

const MOST_LISTED = 6;

/** What went wrong in a case; a type and not an interface, so that it counts as plain JSON. */
export type CaseFailure = {
  readonly case: string;
  readonly world: string;
  readonly noise: number;
  readonly periodSeconds: number;
  readonly false: number;
  readonly missed: number;
  readonly ari: number;
  readonly true: readonly Figures[];
  readonly reported: readonly Figures[];
  readonly wrongTexts: readonly Figures[];
  readonly gapOrCrowdTexts: readonly Figures[];
  readonly suspected: number;
};

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
export function faultsOf(run: CaseRun): number {
  const { scoring, truth } = run;
  const { falseIds, missedIds, matches, score } = scoring;
  const wrongCauses = matches.filter(({ isRightCause }) => isRightCause === false).length;
  const isSplit = truth.length > 0 && score.adjustedRandIndex < 1 ? 1 : 0;
  const { wrong, gapOrCrowd } = wrongTextsIn(run);
  const texts = new Set([...wrong, ...gapOrCrowd]).size;
  return falseIds.length + missedIds.length + wrongCauses + isSplit + texts;
}

function describeText({ incidentId, atMs, cells }: WouldText): Figures {
  return { incidentId, at: new Date(atMs).toISOString(), cells: cells.length };
}

/** What went wrong in a case, enough to find it again: what was true, and what was said. */
export function describeFailure(run: CaseRun): CaseFailure {
  const { plan, report, scoring } = run;
  const { wrong, gapOrCrowd } = wrongTextsIn(run);
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
    wrongTexts: wrong.map(describeText),
    gapOrCrowdTexts: gapOrCrowd.map(describeText),
    suspected: report.incidents.length - opened.length,
  };
}
