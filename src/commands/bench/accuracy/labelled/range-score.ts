/** Rows `from` to `to`, both included. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Precision, recall and their harmonic mean; 0 where nothing defines them. */
export interface F1 {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Weight of being found at all in range-based recall; the rest is how much of a range is found. */
export const RECALL_ALPHA = 0.5;

/** Runs of flagged rows. @param from first row that counts */
export function rangesOf(flags: readonly boolean[], from = 0): RowRange[] {
  const ranges: RowRange[] = [];
  let start = -1;
  for (let row = from; row <= flags.length; row++) {
    const isFlagged = flags[row] === true;
    if (isFlagged && start < 0) start = row;
    if (isFlagged || start < 0) continue;
    ranges.push({ from: start, to: row - 1 });
    start = -1;
  }
  return ranges;
}

function touching(range: RowRange, others: readonly RowRange[]): RowRange[] {
  return others.filter(({ from, to }) => from <= range.to && to >= range.from);
}

function combine(precision: number, recall: number): F1 {
  const sum = precision + recall;
  return { precision, recall, f1: sum === 0 ? 0 : (2 * precision * recall) / sum };
}

/**
 * Event-wise: a true range is found when a flagged row is in it; a run of flagged rows that touches
 * no true range is false. However many runs touch one true range, it is found once. No rows are
 * adjusted.
 */
export function eventScore(actual: readonly RowRange[], flagged: readonly RowRange[]): F1 {
  const found = actual.filter((range) => touching(range, flagged).length > 0).length;
  const wrong = flagged.filter((range) => touching(range, actual).length === 0).length;
  const precision = found + wrong === 0 ? 0 : found / (found + wrong);
  return combine(precision, actual.length === 0 ? 0 : found / actual.length);
}

/** Share of a range that others cover, divided by how many they are: flat bias, reciprocal cardinality. */
function overlapReward(range: RowRange, others: readonly RowRange[]): number {
  const met = touching(range, others);
  const rows = met.reduce(
    (sum, { from, to }) => sum + Math.min(to, range.to) - Math.max(from, range.from) + 1,
    0,
  );
  return rows / (range.to - range.from + 1) / Math.max(1, met.length);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Range-based precision and recall (Tatbul, Lee, Zdonik, Alam & Gottschlich, NeurIPS 2018, eqs. 2 to
 * 7): flat positional bias, cardinality factor 1/x for x overlapping ranges, α of recall
 * `RECALL_ALPHA`, no existence reward in precision.
 */
export function rangeScore(actual: readonly RowRange[], flagged: readonly RowRange[]): F1 {
  const recall = mean(
    actual.map((range) => {
      const existence = touching(range, flagged).length > 0 ? 1 : 0;
      return RECALL_ALPHA * existence + (1 - RECALL_ALPHA) * overlapReward(range, flagged);
    }),
  );
  return combine(mean(flagged.map((range) => overlapReward(range, actual))), recall);
}
