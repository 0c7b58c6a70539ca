import { compose, decompose } from './low-rank.js';
import type { DayAhead, Member, PastDay } from './member.js';
import { FULL_PANEL, StructuralPanel } from './structural-panel.js';

const RANK = 4;
const WINDOW_DAYS = 420;
/** The first shape is the level; the others matter less and are followed with fewer settings. */
const MINOR_PANEL = 10;
const FEWEST_DAYS = 8;
/** Shapes are worked out anew when the history has grown by this share, at most once a week. */
const REFIT_SHARE = 0.07;
const REFIT_DAYS = 7;
/** Parts of a day with less of a shape than this tell nothing of its weight. */
const LEAST_SHARE = 0.05;
const GAP_ROUNDS = 20;

/**
 * Days as a few shared shapes whose weights follow level, weekday, closure, month and holiday
 * effects: the dynamic factor model of Shen & Huang (M&SOM 2008), each weight a structural series.
 */
export class DayShapes implements Member {
  readonly name = 'dayShapes';
  readonly #columns: number;
  readonly #days: PastDay[] = [];
  #shapes: readonly Float64Array[] = [];
  #weights: readonly StructuralPanel[] = [];
  #sinceFit = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  learn(day: PastDay): void {
    this.#days.push(day);
    if (this.#days.length > WINDOW_DAYS) this.#days.shift();
    this.#sinceFit++;
    this.#learnWeights(day);
  }

  forecast({ dayNumber, features }: DayAhead): Float64Array {
    if (this.#days.length < FEWEST_DAYS) return new Float64Array(this.#columns).fill(Number.NaN);
    const wait = Math.max(REFIT_DAYS, Math.floor(REFIT_SHARE * this.#days.length));
    if (this.#shapes.length === 0 || this.#sinceFit >= wait) this.#fit();
    const means = this.#weights.map((each) => each.forecast(features, dayNumber));
    return compose(this.#shapes, Float64Array.from(means));
  }

  #fit(): void {
    const rows = this.#days.map(({ row }) => row);
    this.#shapes = decompose(rows, RANK).shapes;
    this.#weights = this.#shapes.map(
      (_, k) => new StructuralPanel(k === 0 ? FULL_PANEL : MINOR_PANEL),
    );
    for (const day of this.#days) this.#learnWeights(day);
    this.#sinceFit = 0;
  }

  #learnWeights({ row, features, dayNumber }: PastDay): void {
    for (const [k, weight] of weightsOf(row, this.#shapes).entries()) {
      this.#weights[k]?.learn(features, dayNumber, weight);
    }
  }
}

/** Weights of the shapes that come closest to the known part of a day (least squares, in turn). */
function weightsOf(row: Float64Array, shapes: readonly Float64Array[]): Float64Array {
  const weights = new Float64Array(shapes.length);
  // Shapes are orthonormal over a whole day: one round does, unless there are gaps.
  const rounds = row.some(Number.isNaN) ? GAP_ROUNDS : 1;
  for (let round = 0; round < rounds; round++) {
    for (const k of shapes.keys()) weights[k] = weightOf(row, shapes, weights, k);
  }
  return weights;
}

function weightOf(
  row: Float64Array,
  shapes: readonly Float64Array[],
  weights: Float64Array,
  k: number,
): number {
  const shape = shapes[k] ?? new Float64Array();
  let sum = 0;
  let square = 0;
  for (const [i, value] of row.entries()) {
    if (Number.isNaN(value)) continue;
    let rest = value;
    for (const [j, other] of shapes.entries()) {
      if (j !== k) rest -= (weights[j] ?? 0) * (other[i] ?? 0);
    }
    sum += rest * (shape[i] ?? 0);
    square += (shape[i] ?? 0) ** 2;
  }
  return square > LEAST_SHARE ? sum / square : 0;
}
