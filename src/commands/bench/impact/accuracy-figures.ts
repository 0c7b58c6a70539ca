import {
  brierScore,
  type ReliabilityBin,
  reliabilityTable,
  type Stated,
} from '../../../domain/reliability-table.js';
import { SERVICES, type Service } from '../../../domain/services.js';
import type { ImpactRules } from '../../../impact/rules.js';
import type { WhereaboutsMode } from '../../../impact/whereabouts-rules.js';
import type { CaseSet, PartResult } from '../accuracy/part.js';
import { binFigures } from '../accuracy/reliability.js';
import { asShare, tableLines } from '../accuracy/table.js';
import { type Figures, rounded } from '../figures.js';
import { type Judged, MODELS, type Model, statedBy } from './accuracy.js';

/** Named as affected is who is as probably affected as a text needs. */
const NAMED_AT = 0.5;

interface Scores {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly brier: number | null;
  /** sum of probabilities ÷ people truly affected */
  readonly countRatio: number | null;
  /** mean distance of stated and true shares over the bins, by their counts, of who is listed */
  readonly calibrationError: number | null;
}

function scoresOf(stated: readonly Stated[], leastListed: number): Scores {
  const named = stated.filter(({ probability }) => probability >= NAMED_AT);
  const right = named.filter(({ isTrue }) => isTrue).length;
  const affected = stated.filter(({ isTrue }) => isTrue).length;
  const expected = stated.reduce((sum, { probability }) => sum + probability, 0);
  const listed = stated.filter(({ probability }) => probability >= leastListed);
  const gaps = reliabilityTable(listed).map(
    ({ count, meanStated, shareTrue }) => count * Math.abs((meanStated ?? 0) - (shareTrue ?? 0)),
  );
  const share = (part: number, of: number): number | null => (of > 0 ? part / of : null);
  return {
    precision: share(right, named.length),
    recall: share(right, affected),
    brier: brierScore(stated),
    countRatio: share(expected, affected),
    calibrationError: share(
      gaps.reduce((sum, gap) => sum + gap, 0),
      listed.length,
    ),
  };
}

function asFigures(scores: Scores): Figures {
  return {
    precision: rounded(scores.precision, 4),
    recall: rounded(scores.recall, 4),
    brier: rounded(scores.brier, 4),
    countRatio: rounded(scores.countRatio, 3),
    calibrationError: rounded(scores.calibrationError, 4),
  };
}

const NAIVE: readonly Model[] = ['homeCell', 'lastCell'];

function byGroup(judged: readonly Judged[], of: (each: Judged) => string): [string, Judged[]][] {
  const groups = new Map<string, Judged[]>();
  for (const each of judged) {
    const own = groups.get(of(each));
    if (own === undefined) groups.set(of(each), [each]);
    else own.push(each);
  }
  return [...groups];
}

function scoreRow(name: string, judged: readonly Judged[], model: Model, least: number) {
  const s = scoresOf(statedBy(judged, model), least);
  const shares = [s.precision, s.recall, s.brier, s.countRatio, s.calibrationError].map(asShare);
  return [name, model, ...shares];
}

/** Figures and tables over everybody judged. */
export function accuracyResult(
  set: CaseSet,
  judged: readonly Judged[],
  rules: ImpactRules,
): PartResult {
  const least = rules.minProbability;
  const scores = Object.fromEntries(
    MODELS.map((model) => [model, scoresOf(statedBy(judged, model), least)]),
  ) as Record<Model, Scores>;
  const modes = ['declared', 'lastSeen', 'learnt'] as const;
  const ratios = Object.fromEntries(
    modes.map((mode) => [`${mode}Brier`, (scores[mode].brier ?? 0) / (scores.homeCell.brier ?? 1)]),
  );
  const head = ['', 'model', 'precision', 'recall', 'Brier', 'expected ÷ true', 'calibration'];
  const groups = [
    ...byGroup(judged, ({ slot }) => slot),
    ...byGroup(judged, ({ kind }) => kind),
  ].flatMap(([name, own]) => MODELS.map((model) => scoreRow(name, own, model, least)));
  return {
    figures: {
      set,
      mode: rules.whereabouts.mode,
      people: judged.length,
      affected: judged.filter(({ isAffected }) => isAffected).length,
      ...Object.fromEntries(
        modes.map((mode) => [
          mode,
          {
            ...asFigures(scores[mode]),
            reliability: listedBins(judged, mode, least).map(binFigures),
            lost: serviceFigures(judged, mode, least),
          },
        ]),
      ),
    },
    baseline: Object.fromEntries(NAIVE.map((model) => [model, asFigures(scores[model])])),
    ratios,
    lines: [
      ...tableLines(head, [
        ...MODELS.map((model) => scoreRow('all', judged, model, least)),
        ...groups,
      ]),
      '',
      'whether a service is lost by half or more, of those listed; a text can arrive where sms is not',
      ...tableLines(
        ['mode', 'service', 'precision', 'recall', 'Brier', 'calibration'],
        modes.flatMap((mode) => serviceRows(judged, mode, least)),
      ),
      ...modes.flatMap((mode) => [
        '',
        `${mode}: stated and true`,
        ...reliabilityLines(judged, mode, least),
      ]),
    ],
  };
}

/** Whether each service is more gone than there, of those whom a mode lists. */
function statedService(
  judged: readonly Judged[],
  mode: WhereaboutsMode,
  service: Service,
  least: number,
): Stated[] {
  return judged
    .filter(({ stated }) => stated[mode] >= least)
    .map(({ lost, statedLost }) => ({
      probability: statedLost[mode][service],
      isTrue: lost[service] >= NAMED_AT,
    }));
}

function serviceFigures(judged: readonly Judged[], mode: WhereaboutsMode, least: number): Figures {
  return Object.fromEntries(
    SERVICES.map((service) => {
      const scores = scoresOf(statedService(judged, mode, service, least), 0);
      const { precision, recall, brier, calibrationError } = asFigures(scores);
      return [service, { precision, recall, brier, calibrationError }];
    }),
  ) as Figures;
}

function serviceRows(judged: readonly Judged[], mode: WhereaboutsMode, least: number) {
  return SERVICES.map((service) => {
    const { precision, recall, brier, calibrationError } = scoresOf(
      statedService(judged, mode, service, least),
      0,
    );
    return [mode, service, ...[precision, recall, brier, calibrationError].map(asShare)];
  });
}

/** Reliability of those whom a mode lists; who is less probable is counted only for other models. */
function listedBins(judged: readonly Judged[], mode: Model, least: number): ReliabilityBin[] {
  return reliabilityTable(statedBy(judged, mode).filter((each) => each.probability >= least));
}

function reliabilityLines(judged: readonly Judged[], mode: Model, least: number): string[] {
  const rows = listedBins(judged, mode, least).map((bin) => [
    `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}`,
    bin.count,
    asShare(bin.meanStated),
    asShare(bin.shareTrue),
  ]);
  return tableLines(['stated', 'people', 'mean stated', 'share true'], rows);
}
