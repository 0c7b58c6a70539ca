import type { LabelledSeries } from './labelled-series.js';
import { eventScore, type F1, rangeScore, rangesOf } from './range-score.js';
import type { SeriesScorer } from './scorer.js';

/** Days at the start that nobody is judged on: every method needs some past. */
const UNJUDGED_DAYS = 7;
/** Each threshold tried flags this many times the rows of the one before. */
const STEP = 1.05;
const MOST_FLAGGED = 0.25;

/** What a method reaches on one series at one threshold, or at the best of many per measure. */
export interface Reached {
  readonly event: F1;
  readonly range: F1;
}

/** A method on one series. */
export interface Compared {
  readonly method: string;
  readonly series: string;
  /** true ranges that are judged */
  readonly events: number;
  /** at the method's own threshold */
  readonly own: Reached;
  /** at the threshold that the labels like best, one for each measure: what no user can know */
  readonly best: Reached;
}

/** Thresholds that flag 1 row, 2, … up to a quarter, ever wider apart; descending. */
function thresholdsOf(scores: Float64Array, from: number): number[] {
  const sorted = scores.slice(from).sort().reverse();
  const thresholds: number[] = [];
  for (let rank = 1; rank < sorted.length * MOST_FLAGGED; rank = Math.ceil(rank * STEP)) {
    const threshold = sorted[rank] ?? 0;
    if (threshold !== thresholds.at(-1)) thresholds.push(threshold);
  }
  return thresholds;
}

/** Scores a series and holds it against the labels. */
export function compareOn(series: LabelledSeries, scorer: SeriesScorer): Compared {
  const from = UNJUDGED_DAYS * series.rowsPerDay;
  const scores = scorer.score(series);
  const actual = rangesOf(series.isAnomalous, from);
  const reach = (threshold: number): Reached => {
    const flagged = rangesOf(
      Array.from(scores, (score) => score > threshold),
      from,
    );
    return { event: eventScore(actual, flagged), range: rangeScore(actual, flagged) };
  };
  const own = reach(scorer.threshold);
  let best = own;
  for (const threshold of thresholdsOf(scores, from)) {
    const { event, range } = reach(threshold);
    best = {
      event: event.f1 > best.event.f1 ? event : best.event,
      range: range.f1 > best.range.f1 ? range : best.range,
    };
  }
  return { method: scorer.name, series: series.name, events: actual.length, own, best };
}
