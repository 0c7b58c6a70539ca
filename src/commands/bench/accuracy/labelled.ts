import { Random } from '../../../../simulators/random.js';
import { StreamDetector } from '../../../detect/series/stream-detector.js';
import { type Figures, rounded } from '../figures.js';
import { type Compared, compareOn } from './labelled/compare-scorers.js';
import { gaussianWindow } from './labelled/gaussian-window.js';
import {
  LABELLED_SERIES,
  type LabelledSeries,
  pathOfSeries,
  readLabelledSeries,
} from './labelled/labelled-series.js';
import { leftMatrixProfile } from './labelled/left-matrix-profile.js';
import { type F1, RECALL_ALPHA } from './labelled/range-score.js';
import { FALSE_ROW_CHANCE, type SeriesScorer } from './labelled/scorer.js';
import { seasonalEsd } from './labelled/seasonal-esd.js';
import { seasonalZ } from './labelled/seasonal-z.js';
import type { PartOptions, PartResult } from './part.js';
import { tableLines } from './table.js';

const RANDOM_SEEDS = [1, 2, 3, 4, 5];

/** The engine of `tocsin detect`; its score is 1 - p^0.1. It is told nothing of the season. */
const tocsin: SeriesScorer = {
  name: 'tocsin',
  threshold: 1 - FALSE_ROW_CHANCE ** 0.1,
  score: ({ timesMs, values }) => {
    const detector = new StreamDetector();
    return values.map((value, row) => detector.score(timesMs[row] ?? 0, value));
  },
};

/** Scores that know nothing. */
function randomScores(seed: number): SeriesScorer {
  return {
    name: 'random',
    threshold: 1 - FALSE_ROW_CHANCE,
    score: ({ values }) => {
      const random = new Random(seed, 'random scores');
      return values.map(() => random.next());
    },
  };
}

const PEERS: readonly SeriesScorer[] = [
  gaussianWindow,
  seasonalZ,
  seasonalEsd,
  leftMatrixProfile,
  ...RANDOM_SEEDS.map(randomScores),
];

type Measure = (compared: Compared) => F1;
const ownEvent: Measure = ({ own }) => own.event;
const MEASURES: Readonly<Record<string, Measure>> = {
  ownEvent,
  ownRange: ({ own }) => own.range,
  bestEvent: ({ best }) => best.event,
  bestRange: ({ best }) => best.range,
};

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means over series and seeds, by method, in the order given. */
function methodRows(all: readonly Compared[]): Figures[] {
  return [...new Set(all.map(({ method }) => method))].map((method) => {
    const own = all.filter((compared) => compared.method === method);
    const over = (measure: Measure, of: keyof F1): number | null =>
      rounded(mean(own.map((compared) => measure(compared)[of])), 3);
    const measures = Object.entries(MEASURES);
    return {
      method,
      ...Object.fromEntries(measures.map(([name, of]) => [`${name}F1`, over(of, 'f1')])),
      ownEventPrecision: over(ownEvent, 'precision'),
      ownEventRecall: over(ownEvent, 'recall'),
      bySeries: [...new Set(own.map(({ series }) => series))].map((series) => ({
        series,
        events: own.find((compared) => compared.series === series)?.events ?? 0,
        ...Object.fromEntries(
          measures.map(([name, of]) => [
            `${name}F1`,
            rounded(mean(own.filter((each) => each.series === series).map((c) => of(c).f1)), 3),
          ]),
        ),
      })),
    };
  });
}

function linesOf(rows: readonly Figures[]): string[] {
  const names = ['method', 'ownEventF1', 'ownRangeF1', 'bestEventF1', 'bestRangeF1'];
  const cell = (row: Figures, name: string): string | number | null => {
    const value = row[name];
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  };
  return [
    ...tableLines(
      ['method', 'event F1', 'range F1', 'best event F1', 'best range F1'],
      rows.map((row) => names.map((name) => cell(row, name))),
    ),
    `means over series; the first two where one healthy row in ${Math.round(1 / FALSE_ROW_CHANCE)} is ` +
      `flagged by each method's own reckoning, the others at the best of all thresholds per series`,
    `range-based with recall's alpha ${RECALL_ALPHA}, flat bias, cardinality 1/x; rows are not adjusted`,
  ];
}

/** Runs all methods on one series. */
function compareAll(series: LabelledSeries, progress: (text: string) => void): Compared[] {
  return [tocsin, ...PEERS].map((scorer) => {
    const compared = compareOn(series, scorer);
    if (scorer.name !== 'random') progress(`${series.name}: ${scorer.name} done`);
    return compared;
  });
}

/** The past-only peers on real series that people have labelled, beside the engine of `tocsin detect`. */
export async function compareOnLabelled({ progress }: PartOptions): Promise<PartResult> {
  const all: Compared[] = [];
  const skipped: string[] = [];
  for (const name of LABELLED_SERIES) {
    const series = await readLabelledSeries(name);
    if (series === undefined) skipped.push(`${name}: skipped, there is no ${pathOfSeries(name)}`);
    else all.push(...compareAll(series, progress));
  }
  const rows = methodRows(all);
  const [ours, ...peers] = rows;
  return {
    figures: {
      ...(ours ?? {}),
      skipped,
      falseRowChance: FALSE_ROW_CHANCE,
      recallAlpha: RECALL_ALPHA,
      bias: 'flat',
      cardinality: 'reciprocal',
    },
    baseline: Object.fromEntries(peers.map((row) => [String(row.method), row])),
    lines: [...skipped, ...linesOf(rows)],
  };
}
