import { median } from 'simple-statistics';
import { adjustedRandIndex } from '../../../scoring/rand-index.js';
import type { Scoring } from '../../../scoring/score-replay.js';
import { type Figures, rounded } from '../figures.js';
import type { CaseRun } from './run-case.js';
import type { WouldText } from './text-watch.js';
import { summarizeDelays, type WallDelays, wallFigures } from './wall-delays.js';
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
  /** texts a person would have been asked about, and how many of those are wrong */
  readonly asked: number;
  readonly askedWrongly: number;
}

function wrongAmong({ truth, faults, world }: CaseRun, texts: readonly WouldText[]): WrongTexts {
  const cellIds = world.network.cells.map(({ cellId }) => cellId);
  return wrongTextsOf({ texts, truth, faults, cellIds });
}

/** Texts of the running service that nobody should have had. */
export function wrongTextsIn(run: CaseRun): WrongTexts {
  return wrongAmong(run, run.live.texts);
}

function countWronglyAsked(run: CaseRun): number {
  const { wrong, gapOrCrowd } = wrongAmong(run, run.live.asked);
  return new Set([...wrong, ...gapOrCrowd]).size;
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
    asked: runs.reduce((sum, { live }) => sum + live.asked.length, 0),
    askedWrongly: runs.reduce((sum, run) => sum + countWronglyAsked(run), 0),
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
    ...wallFigures(row.wall),
    wrongTexts: row.wrongTexts,
    gapOrCrowdTexts: row.gapOrCrowdTexts,
    askedTexts: row.asked,
    askedWrongly: row.askedWrongly,
  };
}
