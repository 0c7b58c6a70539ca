import Type, { type Static } from 'typebox';
import { brierScore, reliabilityTable } from '../domain/reliability-table.js';
import { wilson } from '../domain/wilson.js';
import type { JudgedStatement } from './quality-ports.js';
import { Nullable } from './schemas.js';
import { Affected } from './subscriber-schemas.js';

const Bin = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  count: Type.Integer(),
  meanStated: Nullable(Type.Number()),
  shareTrue: Nullable(Type.Number()),
  low: Type.Number({ description: 'Wilson interval at 95 %' }),
  high: Type.Number(),
});

/** Bins of stated probabilities against what turned out to be so, each with its interval. */
export const ReliabilityBins = Type.Array(Bin);

/** How often what is stated of callers agrees with what they say. */
export const StatementReport = Type.Object(
  {
    answers: Type.Integer({ description: 'of callers, those about another problem left out' }),
    brier: Nullable(Type.Number({ description: 'mean squared error; 0 is perfect' })),
    byCertainty: Type.Array(
      Type.Object({
        stated: Affected,
        answers: Type.Integer(),
        agree: Type.Integer(),
        share: Nullable(Type.Number()),
        low: Type.Number({ description: 'Wilson interval at 95 %' }),
        high: Type.Number(),
      }),
    ),
    bins: ReliabilityBins,
  },
  {
    description:
      'what callers told agents: it speaks for those who call, more of whom are affected than of all',
  },
);
export type StatementReport = Static<typeof StatementReport>;

/** A reliability table with the interval of each share. */
export function binsOf(
  stated: readonly { readonly probability: number; readonly isTrue: boolean }[],
): Static<typeof ReliabilityBins> {
  return reliabilityTable(stated).map((bin) => {
    const [low, high] = wilson(Math.round((bin.shareTrue ?? 0) * bin.count), bin.count);
    return { ...bin, low, high };
  });
}

/** Whether the caller is affected, by their own word: who wants a text when it is back is. */
function isAffected({ answer }: JudgedStatement): boolean {
  return answer !== 'notAffected';
}

/** What callers' answers say of what was stated about them. */
export function statementReport(judged: readonly JudgedStatement[]): StatementReport {
  const stated = judged.map((each) => ({
    probability: each.probability,
    isTrue: isAffected(each),
  }));
  const byCertainty = (['yes', 'probably', 'no'] as const).map((word) => {
    const own = judged.filter(({ affected }) => affected === word);
    const agree = own.filter((each) => isAffected(each) === (word !== 'no')).length;
    const [low, high] = wilson(agree, own.length);
    const share = own.length === 0 ? null : agree / own.length;
    return { stated: word, answers: own.length, agree, share, low, high };
  });
  return { answers: judged.length, brier: brierScore(stated), byCertainty, bins: binsOf(stated) };
}
