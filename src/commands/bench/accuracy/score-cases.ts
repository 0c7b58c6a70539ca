import { median, quantileSorted } from 'simple-statistics';
import { adjustedRandIndex } from '../../../scoring/rand-index.js';
import type { Scoring } from '../../../scoring/score-replay.js';
import { type Figures, rounded } from '../figures.js';
import type { CaseRun } from './run-case.js';
import { type WrongTexts, wrongTextsOf } from './wrong-texts.js';

/** A case's truth and what was made of it, whoever made it. */
export interface Scored {
  readonly name: string;
  readonly truthIds: readonly string[];
  readonly scoring: Scoring;
}

/** Counts over many cases; shares are null where nothing is there to be right or wrong about. */
export interface Totals {
  readonly cases: number;
  readonly trueIncidents: number;
  readonly reported: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** mean over the cases that have a truth of what `tocsin score` says of each */
  readonly ari: number | null;
  /** over the truth rows of all cases together */
  readonly ariPooled: number | null;
  readonly rightCauseFirst: number | null;
  readonly medianDelaySeconds: number | null;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const middle = (values: readonly number[]): number | null =>
  values.length === 0 ? null : median([...values]);

/** The truth's labels, case by case, beside the labels found. */
function pooledRand(cases: readonly Scored[]): number | null {
  const truth = cases.flatMap(({ name, truthIds }) => truthIds.map((id) => `${name} ${id}`));
  const found = cases.flatMap(({ name, scoring }) =>
    scoring.labels.map((label) => `${name} ${label}`),
  );
  return truth.length === 0 ? null : adjustedRandIndex(truth, found);
}

/** Adds cases up. */
export function totalsOf(cases: readonly Scored[]): Totals {
  const matches = cases.flatMap(({ scoring }) => scoring.matches);
  const count = (of: (scoring: Scoring) => number): number =>
    cases.reduce((sum, { scoring }) => sum + of(scoring), 0);
  const reported = matches.length + count(({ falseIds }) => falseIds.length);
  const trueIncidents = matches.length + count(({ missedIds }) => missedIds.length);
  const causes = matches.flatMap(({ isRightCause }) => (isRightCause === null ? [] : isRightCause));
  const withTruth = cases.filter(({ truthIds }) => truthIds.length > 0);
  const aris = withTruth.map(({ scoring }) => scoring.score.adjustedRandIndex);
  return {
    cases: cases.length,
    trueIncidents,
    reported,
    precision: share(matches.length, reported),
    recall: share(matches.length, trueIncidents),
    f1: share(2 * matches.length, reported + trueIncidents),
    ari: share(
      aris.reduce((sum, ari) => sum + ari, 0),
      aris.length,
    ),
    ariPooled: pooledRand(cases),
    rightCauseFirst: share(causes.filter(Boolean).length, causes.length),
    medianDelaySeconds: middle(matches.map(({ delaySeconds }) => delaySeconds)),
  };
}

/** The totals as plain JSON. */
export function totalFigures(totals: Totals): Figures {
  const { cases, trueIncidents, reported, medianDelaySeconds, ...shares } = totals;
  return {
    cases,
    trueIncidents,
    reported,
    ...Object.fromEntries(Object.entries(shares).map(([name, value]) => [name, rounded(value, 4)])),
    medianDelaySeconds: rounded(medianDelaySeconds, 1),
  };
}

const LONGEST_WITH_ALARMS = 120;
/** One period of 15 minutes and the 5 that a feed is waited for. */
const LONGEST_BY_COUNTERS = 900 + 300;

/** How long it took, by the clock on the wall, from failure to decision. */
interface WallDelays {
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  /** share within 2 minutes where the fault raised alarms, within a period plus delivery elsewhere */
  readonly withinAim: number | null;
}

/** How long one true incident took until it was open in the running service. */
export interface WallDelay {
  readonly seconds: number;
  /** its fault raised alarms */
  readonly isTold: boolean;
}

/** One per true incident that was found. */
export function wallDelaysOf({ live, truth, faults }: CaseRun): WallDelay[] {
  return live.scoring.matches.flatMap(({ reportedId, trueId }) => {
    const openedMs = live.openedAtMs.get(reportedId);
    if (openedMs === undefined) return [];
    const starts = truth.filter(({ incidentId }) => incidentId === trueId);
    const startedMs = Math.min(...starts.map(({ startedAtMs }) => startedAtMs));
    const fault = faults.find((each) => each.truth.some(({ incidentId }) => incidentId === trueId));
    return [{ seconds: (openedMs - startedMs) / 1000, isTold: (fault?.alarms.length ?? 0) > 0 }];
  });
}

function summarizeDelays(runs: readonly CaseRun[]): WallDelays {
  const delays = runs.flatMap(wallDelaysOf);
  const seconds = delays.map((delay) => delay.seconds).sort((a, b) => a - b);
  const isWithin = ({ seconds: taken, isTold }: WallDelay): boolean =>
    taken <= (isTold ? LONGEST_WITH_ALARMS : LONGEST_BY_COUNTERS);
  return {
    medianSeconds: middle(seconds),
    p90Seconds: seconds.length === 0 ? null : quantileSorted(seconds, 0.9),
    withinAim: share(delays.filter(isWithin).length, delays.length),
  };
}

/** One line of the table: cases that belong together. */
export interface ScenarioRow {
  readonly name: string;
  /** `alarms`, `silent` or `both` */
  readonly alarms: string;
  readonly totals: Totals;
  readonly live: Totals;
  readonly wall: WallDelays;
  readonly wrongTexts: number;
  readonly gapOrCrowdTexts: number;
}

/** Texts of the running service that nobody should have had. */
export function wrongTextsIn({ live, truth, faults, world }: CaseRun): WrongTexts {
  const cellIds = world.network.cells.map(({ cellId }) => cellId);
  return wrongTextsOf({ texts: live.texts, truth, faults, cellIds });
}

/** A run as history has it, for adding up. */
export function asScored(run: CaseRun, scoring: Scoring = run.scoring): Scored {
  const truthIds = run.truth.map(({ incidentId }) => incidentId);
  return { name: run.plan.name, truthIds, scoring };
}

/** Adds runs up to one line. */
export function rowOf(name: string, alarms: string, runs: readonly CaseRun[]): ScenarioRow {
  const texts = runs.map(wrongTextsIn);
  return {
    name,
    alarms,
    totals: totalsOf(runs.map((run) => asScored(run))),
    live: totalsOf(runs.map((run) => asScored(run, run.live.scoring))),
    wall: summarizeDelays(runs),
    wrongTexts: texts.reduce((sum, { wrong }) => sum + wrong.length, 0),
    gapOrCrowdTexts: texts.reduce((sum, { gapOrCrowd }) => sum + gapOrCrowd.length, 0),
  };
}

/** A line as plain JSON. */
export function rowFigures(row: ScenarioRow): Figures {
  const { precision, recall } = row.live;
  return {
    scenario: row.name,
    alarms: row.alarms,
    ...totalFigures(row.totals),
    livePrecision: rounded(precision, 4),
    liveRecall: rounded(recall, 4),
    medianWallSeconds: rounded(row.wall.medianSeconds, 0),
    p90WallSeconds: rounded(row.wall.p90Seconds, 0),
    withinWallAim: rounded(row.wall.withinAim, 4),
    wrongTexts: row.wrongTexts,
    gapOrCrowdTexts: row.gapOrCrowdTexts,
  };
}
