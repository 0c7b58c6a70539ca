import Type, { type Static } from 'typebox';
import { brierScore, type Stated } from '../domain/reliability-table.js';
import { wilson } from '../domain/wilson.js';
import type { JudgedCause, MarkedCount, QualityCounts } from './quality-ports.js';
import { Nullable, Time } from './schemas.js';
import { binsOf, ReliabilityBins, StatementReport, statementReport } from './statement-report.js';

/** The rates that the rules ask for. */
export interface QualityBudgets {
  readonly falseIncidentsPer1000CellsPerMonth: number;
  readonly wrongWavesPerYear: number;
}

const Precision = Type.Object({
  name: Type.String(),
  opened: Type.Integer(),
  markedFalse: Type.Integer(),
  precision: Nullable(
    Type.Number({ description: 'share not marked false; null when none opened' }),
  ),
  low: Type.Number({ description: 'Wilson interval at 95 %' }),
  high: Type.Number(),
  advice: Nullable(Type.String({ description: 'what to change, in which rules file' })),
});

/** Achieved against set, as operators' marks have it. */
export const QualityReport = Type.Object({
  since: Time,
  cells: Type.Integer(),
  incidents: Precision,
  falseIncidentsPer1000CellsPerMonth: Type.Object({
    set: Type.Number(),
    achieved: Nullable(Type.Number({ description: 'null before there is anything to divide by' })),
    low: Nullable(Type.Number({ description: 'gamma interval at 95 %' })),
    high: Nullable(Type.Number()),
    correction: Nullable(
      Type.Object(
        {
          times: Type.Number({
            description:
              'set over achieved: what to multiply the factor in use by so that the rate becomes the set one',
          }),
          isSure: Type.Boolean({ description: 'the set rate is outside the interval' }),
        },
        { description: 'null while nothing was marked' },
      ),
    ),
    lastCorrection: Nullable(
      Type.Object({
        at: Time,
        by: Type.String(),
        why: Type.String(),
        factor: Type.Number(),
        feed: Nullable(Type.String()),
      }),
    ),
  }),
  wrongWavesPerYear: Type.Object({
    set: Type.Number(),
    achieved: Type.Integer({ description: 'waves of the last 365 days that were marked' }),
    low: Type.Number({ description: 'gamma interval at 95 %' }),
    high: Type.Number(),
    expected: Type.Number({ description: 'doubts of those that went by themselves' }),
    sent: Type.Integer(),
  }),
  kpis: Type.Array(Precision),
  causes: Type.Array(Precision),
  reliability: Type.Object({
    incidents: Type.Integer({ description: 'of which a person said what it was' }),
    brier: Nullable(Type.Number({ description: 'mean squared error; 0 is perfect' })),
    bins: ReliabilityBins,
  }),
  statements: StatementReport,
});
export type QualityReport = Static<typeof QualityReport>;
export type Precision = Static<typeof Precision>;

const Z95 = 1.959963984540054;
const MONTH_MS = 2_629_800_000;
/** A KPI is advised on when it is surely less precise than this … */
const WANTED_PRECISION = 0.9;
/** … on so many marks at least. */
const LEAST_MARKS = 3;

/**
 * Interval of a Poisson mean from one count, by Byar's approximation of the exact chi-square limits
 * (Breslow & Day, Statistical Methods in Cancer Research II, 1987, equation 2.13).
 */
export function poissonInterval(count: number, z = Z95): [number, number] {
  const limit = (n: number, sign: 1 | -1): number =>
    n * (1 - 1 / (9 * n) + (sign * z) / (3 * Math.sqrt(n))) ** 3;
  return [count === 0 ? 0 : limit(count, -1), limit(count + 1, 1)];
}

function kpiAdvice(name: string): string {
  if (name === 'silence')
    return 'raise silence.leastScore in rules/detection.yaml, or silence.surplusNeighbours in rules/correlation.yaml';
  return `lower weight of ${name} in rules/kpis.yaml, or its role's share under evidence.deviation in rules/correlation.yaml`;
}

function causeAdvice(name: string): string {
  return `lower failuresPerYear.${name} in rules/correlation.yaml`;
}

function precisionOf(
  { name, opened, markedFalse }: MarkedCount,
  advise: (name: string) => string,
): Precision {
  const right = opened - markedFalse;
  const [low, high] = wilson(right, opened);
  const isPoor = markedFalse >= LEAST_MARKS && high < WANTED_PRECISION;
  const precision = opened === 0 ? null : right / opened;
  return { name, opened, markedFalse, precision, low, high, advice: isPoor ? advise(name) : null };
}

function overallAdvice(achievedLow: number, set: number): string | null {
  if (achievedLow <= set) return null;
  return 'surely more false incidents than set: lower falseIncidentsPer1000CellsPerMonth in rules/detection.yaml, or raise evidence.openAbove in rules/correlation.yaml';
}

/** Evidence is so improbable by chance that the rate of raising is about in proportion to the share. */
function correctionOf(
  achieved: number | null,
  set: number,
  [low, high]: readonly [number, number],
): QualityReport['falseIncidentsPer1000CellsPerMonth']['correction'] {
  if (achieved === null || achieved === 0) return null;
  return { times: set / achieved, isSure: set < low || set > high };
}

function statedOf({ candidates, trueId }: JudgedCause): Stated[] {
  return candidates.map(({ id, alike = [], probability }) => ({
    probability,
    isTrue: trueId !== null && [id, ...alike.map((each) => each.id)].includes(trueId),
  }));
}

function reliabilityOf(judged: readonly JudgedCause[]): QualityReport['reliability'] {
  const stated = judged.flatMap(statedOf);
  return { incidents: judged.length, brier: brierScore(stated), bins: binsOf(stated) };
}

/**
 * The report of achieved precision. What nobody marked counts as right, so it is an upper bound where
 * operators do not mark.
 */
export function qualityReport(
  counts: QualityCounts,
  budgets: QualityBudgets,
  nowMs: number,
): QualityReport {
  const { all, waves, cells, sinceMs } = counts;
  const cellMonths = (cells / 1000) * (Math.max(0, nowMs - sinceMs) / MONTH_MS);
  const rate = (count: number): number | null => (cellMonths > 0 ? count / cellMonths : null);
  const [low, high] = poissonInterval(all.markedFalse);
  const set = budgets.falseIncidentsPer1000CellsPerMonth;
  const [wrongLow, wrongHigh] = poissonInterval(waves.wrong);
  const advice = overallAdvice(rate(low) ?? 0, set);
  return {
    since: new Date(sinceMs).toISOString(),
    cells,
    incidents: { ...precisionOf(all, () => ''), advice },
    falseIncidentsPer1000CellsPerMonth: {
      set,
      achieved: rate(all.markedFalse),
      low: rate(low),
      high: rate(high),
      correction: correctionOf(rate(all.markedFalse), set, [rate(low) ?? 0, rate(high) ?? 0]),
      lastCorrection: counts.lastCorrection,
    },
    wrongWavesPerYear: {
      set: budgets.wrongWavesPerYear,
      achieved: waves.wrong,
      low: wrongLow,
      high: wrongHigh,
      expected: waves.spentDoubt,
      sent: waves.sent,
    },
    kpis: counts.byKpi.map((each) => precisionOf(each, kpiAdvice)),
    causes: counts.byCause.map((each) => precisionOf(each, causeAdvice)),
    reliability: reliabilityOf(counts.judgedCauses),
    statements: statementReport(counts.judgedStatements),
  };
}
