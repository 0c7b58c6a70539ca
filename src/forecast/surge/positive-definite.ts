/**
 * Inverse of a symmetric positive definite matrix by its Cholesky factor (Golub & Van Loan, "Matrix
 * Computations", 4th ed., algorithm 4.2.2). A pivot that rounding has made nothing counts as a little.
 *
 * @param matrix size × size, row by row; not changed
 */
export function inverseOf(matrix: ArrayLike<number>, size: number): Float64Array {
  const factor = choleskyOf(matrix, size);
  const inverse = new Float64Array(size * size);
  const column = new Float64Array(size);
  for (let c = 0; c < size; c++) {
    for (let i = 0; i < size; i++) {
      let sum = i === c ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= (factor[i * size + k] ?? 0) * (column[k] ?? 0);
      column[i] = sum / (factor[i * size + i] ?? 1);
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = column[i] ?? 0;
      for (let k = i + 1; k < size; k++) sum -= (factor[k * size + i] ?? 0) * (column[k] ?? 0);
      column[i] = sum / (factor[i * size + i] ?? 1);
    }
    for (let i = 0; i < size; i++) inverse[i * size + c] = column[i] ?? 0;
  }
  return inverse;
}

/** Matrix times vector. @param matrix size × size, row by row */
export function times(matrix: ArrayLike<number>, vector: ArrayLike<number>): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (matrix[i * size + k] ?? 0) * (vector[k] ?? 0);
    product[i] = sum;
  }
  return product;
}

function choleskyOf(matrix: ArrayLike<number>, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (factor[i * size + k] ?? 0) * (factor[j * size + k] ?? 0);
      const isPivot = i === j;
      factor[i * size + j] = isPivot
        ? Math.sqrt(Math.max(1e-12, sum))
        : sum / (factor[j * size + j] ?? 1);
    }
  }
  return factor;
}
