import { type Figure, rounded } from '../../figures.js';
import { tableLines } from '../table.js';
import type { DegradationKind } from './degrade.js';
import { DEPTHS, LENGTHS, type Trial } from './inject.js';

/** Recall of one kind of degradation: one row per depth. A type, so that it counts as plain JSON. */
export type RecallRow = {
  readonly kind: DegradationKind;
  readonly depth: number;
  readonly trials: number;
  /** share with an incident open by the last degraded report, in the order of `LENGTHS` */
  readonly recall: readonly (number | null)[];
};

/** Recall by kind, depth and length. Kinds without a trial are left out. */
export function recallOf(trials: readonly Trial[]): RecallRow[] {
  const kinds = [...new Set(trials.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    DEPTHS.map((depth) => {
      const tried = trials.filter((trial) => trial.kind === kind && trial.depth === depth);
      const within = (length: number): number =>
        tried.filter(({ openedAfter = Number.POSITIVE_INFINITY }) => openedAfter <= length).length;
      return {
        kind,
        depth,
        trials: tried.length,
        recall: LENGTHS.map((length) => rounded(within(length) / tried.length, 3)),
      };
    }),
  );
}

/** The same as plain JSON with the lengths named. */
export function recallFigures(rows: readonly RecallRow[]): Figure {
  return rows.map(({ recall, ...row }) => ({
    ...row,
    ...Object.fromEntries(LENGTHS.map((length, at) => [`by${length}`, recall[at] ?? null])),
  }));
}

/** The same for people. */
export function recallLines(rows: readonly RecallRow[]): string[] {
  return tableLines(
    ['degraded', 'depth', 'trials', ...LENGTHS.map((length) => `${length} periods`)],
    rows.map(({ kind, depth, trials, recall }) => [kind, depth, trials, ...recall]),
  );
}
