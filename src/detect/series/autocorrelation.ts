/** In-place fast Fourier transform, radix 2 (Cooley & Tukey 1965); lengths are powers of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(real, i, j);
      swap(imaginary, i, j);
    }
  }
  for (let size = 2; size <= n; size *= 2) butterflies(real, imaginary, size);
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = kept;
}

function butterflies(real: Float64Array, imaginary: Float64Array, size: number): void {
  const half = size / 2;
  for (let k = 0; k < half; k++) {
    const angle = (-2 * Math.PI * k) / size;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    for (let i = k; i < real.length; i += size) {
      const re = real[i + half] ?? 0;
      const im = imaginary[i + half] ?? 0;
      const turnedRe = re * cos - im * sin;
      const turnedIm = re * sin + im * cos;
      real[i + half] = (real[i] ?? 0) - turnedRe;
      imaginary[i + half] = (imaginary[i] ?? 0) - turnedIm;
      real[i] = (real[i] ?? 0) + turnedRe;
      imaginary[i] = (imaginary[i] ?? 0) + turnedIm;
    }
  }
}

/**
 * Sample autocorrelation by the Wiener-Khinchin theorem, each lag divided by its own number of
 * pairs, so that long lags are not shrunk.
 * @param values finite numbers
 * @param greatestLag at most `values.length - 1`
 * @returns correlations of lags 0 to `greatestLag`; all 0 when the values do not vary
 */
export function autocorrelation(values: Float64Array, greatestLag: number): Float64Array {
  const n = values.length;
  const size = 2 ** Math.ceil(Math.log2(n + greatestLag + 1));
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  for (let i = 0; i < n; i++) real[i] = (values[i] ?? 0) - mean;
  transform(real, imaginary);
  for (let i = 0; i < size; i++) {
    real[i] = (real[i] ?? 0) ** 2 + (imaginary[i] ?? 0) ** 2;
    imaginary[i] = 0;
  }
  transform(real, imaginary);
  const variance = (real[0] ?? 0) / n;
  const result = new Float64Array(greatestLag + 1);
  if (!(variance > 0)) return result;
  for (let lag = 0; lag <= greatestLag; lag++) {
    result[lag] = (real[lag] ?? 0) / (n - lag) / variance;
  }
  return result;
}
