/**
 * Mean silhouette of a clustering (Rousseeuw 1987): for each point (b - a) ÷ max(a, b), a being its
 * mean distance to its own cluster and b that to the nearest other one. In [-1,1]; a point alone in
 * its cluster counts 0.
 *
 * @param distances n × n, row by row
 * @param labels cluster of each point, below `clusters`; points with a negative one do not count
 */
export function silhouette(
  distances: Float64Array,
  labels: readonly number[],
  clusters: number,
): number {
  const n = labels.length;
  const sizes = new Float64Array(clusters);
  let counted = 0;
  for (const label of labels) {
    if (label < 0) continue;
    sizes[label] = (sizes[label] ?? 0) + 1;
    counted++;
  }
  const sums = new Float64Array(clusters);
  let total = 0;
  for (const [i, own] of labels.entries()) {
    if (own < 0) continue;
    sums.fill(0);
    for (const [j, label] of labels.entries()) {
      if (label >= 0) sums[label] = (sums[label] ?? 0) + (distances[i * n + j] ?? 0);
    }
    total += widthOf(own, sums, sizes);
  }
  return counted === 0 ? 0 : total / counted;
}

/** Euclidean distances between all points, n × n. */
export function distancesBetween(points: readonly (readonly number[])[]): Float64Array {
  const n = points.length;
  const distances = new Float64Array(n * n);
  for (const [i, a] of points.entries()) {
    for (let j = 0; j < i; j++) {
      const b = points[j] ?? [];
      let sum = 0;
      for (const [d, x] of a.entries()) sum += (x - (b[d] ?? 0)) ** 2;
      distances[i * n + j] = Math.sqrt(sum);
      distances[j * n + i] = Math.sqrt(sum);
    }
  }
  return distances;
}

function widthOf(own: number, sums: Float64Array, sizes: Float64Array): number {
  const size = sizes[own] ?? 0;
  if (size <= 1) return 0;
  const inside = (sums[own] ?? 0) / (size - 1);
  let outside = Number.POSITIVE_INFINITY;
  for (const [other, sum] of sums.entries()) {
    const members = sizes[other] ?? 0;
    if (other !== own && members > 0 && sum / members < outside) outside = sum / members;
  }
  const larger = Math.max(inside, outside);
  return larger > 0 && Number.isFinite(outside) ? (outside - inside) / larger : 0;
}
