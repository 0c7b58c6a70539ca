/** Days as sums of a few shared shapes: row d ≈ Σ scores[d][k] · shapes[k]. */
export interface LowRank {
  /** orthonormal, greatest share of variance first */
  readonly shapes: readonly Float64Array[];
  readonly scores: readonly Float64Array[];
}

const FILL_ROUNDS = 4;
const POWER_ROUNDS = 8;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = (target[i] ?? 0) + factor * (source[i] ?? 0);
  }
}

/** Gram–Schmidt; a shape that the earlier ones explain fully is dropped. */
function orthonormal(shapes: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const shape of shapes) {
    const rest = shape.slice();
    for (const earlier of kept) addScaled(rest, -dot(rest, earlier), earlier);
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-9) kept.push(rest.map((value) => value / length));
  }
  return kept;
}

function powerStep(rows: readonly Float64Array[], shapes: readonly Float64Array[]): Float64Array[] {
  const next = shapes.map((shape) => new Float64Array(shape.length));
  for (const row of rows) {
    for (const [k, shape] of shapes.entries()) {
      const target = next[k];
      if (target) addScaled(target, dot(row, shape), row);
    }
  }
  return orthonormal(next);
}

function columnMeans(rows: readonly Float64Array[], columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < columns; i++) {
    let sum = 0;
    let count = 0;
    for (const row of rows) {
      const value = row[i] ?? Number.NaN;
      if (value === value) {
        sum += value;
        count++;
      }
    }
    means[i] = count > 0 ? sum / count : 0;
  }
  return means;
}

function firstGuess(rows: readonly Float64Array[], rank: number): Float64Array[] {
  const columns = rows[0]?.length ?? 0;
  const guesses = [columnMeans(rows, columns)];
  for (let k = 1; k < rank; k++) {
    guesses.push(
      Float64Array.from({ length: columns }, (_, i) =>
        Math.cos((Math.PI * k * (i + 0.5)) / columns),
      ),
    );
  }
  return orthonormal(guesses);
}

/**
 * Truncated singular value decomposition by orthogonal iteration (Golub & Van Loan, "Matrix
 * Computations", 4th ed., 8.2.4), missing entries (NaN) filled from the fit in turn as in EM. The
 * use for call centres is Shen & Huang, "Interday Forecasting and Intraday Updating of Call Center
 * Arrivals", M&SOM 2008.
 *
 * @param rows days × intervals on a variance-stabilised scale, at least one row
 */
export function decompose(rows: readonly Float64Array[], rank: number): LowRank {
  const columns = rows[0]?.length ?? 0;
  const means = columnMeans(rows, columns);
  const filled = rows.map((row) =>
    row.map((value, i) => (value === value ? value : (means[i] ?? 0))),
  );
  const hasGaps = rows.some((row) => row.some(Number.isNaN));
  let shapes = firstGuess(filled, Math.min(rank, rows.length, columns));
  for (let round = 0; round < (hasGaps ? FILL_ROUNDS : 1); round++) {
    for (let step = 0; step < POWER_ROUNDS; step++) shapes = powerStep(filled, shapes);
    if (hasGaps) fillGaps(rows, filled, shapes);
  }
  const scores = filled.map((row) => Float64Array.from(shapes, (shape) => dot(row, shape)));
  return { shapes, scores };
}

function fillGaps(
  rows: readonly Float64Array[],
  filled: readonly Float64Array[],
  shapes: readonly Float64Array[],
): void {
  for (const [d, row] of filled.entries()) {
    const known = rows[d];
    if (!known?.some(Number.isNaN)) continue;
    const fitted = compose(
      shapes,
      Float64Array.from(shapes, (shape) => dot(row, shape)),
    );
    for (let i = 0; i < row.length; i++) {
      if (Number.isNaN(known[i] ?? Number.NaN)) row[i] = fitted[i] ?? 0;
    }
  }
}

/** Σ scores[k] · shapes[k]. */
export function compose(shapes: readonly Float64Array[], scores: Float64Array): Float64Array {
  const row = new Float64Array(shapes[0]?.length ?? 0);
  for (const [k, shape] of shapes.entries()) addScaled(row, scores[k] ?? 0, shape);
  return row;
}
