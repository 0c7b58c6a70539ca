import {
  brierScore,
  type ReliabilityBin,
  reliabilityTable,
  type Stated,
} from '../../../domain/reliability-table.js';
import { type Figures, rounded } from '../figures.js';
import type { PartOptions, PartResult } from './part.js';
import type { CaseRun } from './run-case.js';
import { asShare, tableLines } from './table.js';

/** What is read of a case. */
export type JudgedCase = Pick<CaseRun, 'truth' | 'scoring'> & {
  readonly report: Pick<CaseRun['report'], 'incidents'>;
};

/** What the causes of one case's incidents were stated to be. */
export interface StatedCauses {
  /** every candidate of every incident that opened; those of a false incident are not so */
  readonly all: readonly Stated[];
  /** the candidate named first, of incidents that are true ones */
  readonly firstOfFound: readonly Stated[];
}

/** True incidents that each reported one stands for, by the labels of the truth rows. */
function trueIdsBehind({ truth, scoring }: JudgedCase): Map<string, Set<string>> {
  const behind = new Map<string, Set<string>>();
  truth.forEach(({ incidentId }, row) => {
    const label = scoring.labels[row] ?? '';
    const ids = behind.get(label) ?? new Set();
    behind.set(label, ids.add(incidentId));
  });
  return behind;
}

/** Holds what was stated of causes against the truth; `several` is so when it holds several. */
export function statedCauses(run: JudgedCase): StatedCauses {
  const causeOf = new Map(run.truth.map(({ incidentId, causeId }) => [incidentId, causeId]));
  const matched = new Map(run.scoring.matches.map((match) => [match.reportedId, match.trueId]));
  const behind = trueIdsBehind(run);
  const all: Stated[] = [];
  const firstOfFound: Stated[] = [];
  for (const { id, detectedAt, cause } of run.report.incidents) {
    if (detectedAt === null) continue;
    const trueCause = causeOf.get(matched.get(id) ?? '');
    const isSeveral = (behind.get(`reported ${id}`)?.size ?? 0) > 1;
    cause.candidates.forEach((candidate, rank) => {
      const ids = [candidate.id, ...(candidate.alike ?? []).map((each) => each.id)];
      const isNamed = trueCause != null && ids.includes(trueCause);
      const isTrue = candidate.kind === 'several' ? isSeveral : isNamed;
      const stated = { probability: candidate.probability, isTrue };
      all.push(stated);
      if (rank === 0 && trueCause !== undefined) firstOfFound.push(stated);
    });
  }
  return { all, firstOfFound };
}

/** Whether stated probabilities of causes can be relied on, over all simulated cases. */
export async function scoreReliability(options: PartOptions): Promise<PartResult> {
  const stated = (await options.runs()).map(statedCauses);
  const all = stated.flatMap((each) => each.all);
  const first = stated.flatMap((each) => each.firstOfFound);
  const bins = reliabilityTable(all);
  const firstBins = reliabilityTable(first);
  const brier = brierScore(all);
  const brierFirst = brierScore(first);
  const row = ({ from, to, count, meanStated, shareTrue }: (typeof bins)[number]) => [
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    count,
    asShare(meanStated),
    asShare(shareTrue),
  ];
  const head = ['stated', 'count', 'mean stated', 'share true'];
  return {
    figures: {
      set: options.set,
      candidates: all.length,
      brier: rounded(brier, 5),
      bins: bins.map(binFigures),
      firstOfFound: { brier: rounded(brierFirst, 5), bins: firstBins.map(binFigures) },
    },
    lines: [
      `all candidates of incidents that opened, Brier score ${asShare(brier)}`,
      ...tableLines(head, bins.map(row)),
      `first candidates of true incidents, Brier score ${asShare(brierFirst)}`,
      ...tableLines(head, firstBins.map(row)),
    ],
  };
}

/** A bin as plain JSON. */
export function binFigures(bin: ReliabilityBin): Figures {
  return {
    from: bin.from,
    to: bin.to,
    count: bin.count,
    meanStated: rounded(bin.meanStated, 4),
    shareTrue: rounded(bin.shareTrue, 4),
  };
}
