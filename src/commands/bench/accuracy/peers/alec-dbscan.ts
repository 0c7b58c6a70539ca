import type { Candidate } from './candidates.js';
import type { ObjectGraph } from './object-graph.js';

/** Distance of OpenNMS ALEC's DBSCAN engine: scale, weight of minutes, weight of hops. */
const SCALE = 144.47;
const PER_MINUTE = 0.5526;
const PER_HOP = 0.4474;
const EPSILON = 100;

/** Distance between two candidates so many minutes and hops apart. */
export function alecDistance(minutes: number, hops: number): number {
  return SCALE * (PER_MINUTE * minutes + PER_HOP * hops);
}

/** Farthest in hops that two neighbours can be. */
const MOST_HOPS = Math.floor(EPSILON / (SCALE * PER_HOP));

class Sets {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, at) => at);
  }

  find(at: number): number {
    let root = at;
    while (this.#parent[root] !== root) root = this.#parent[root] ?? root;
    this.#parent[at] = root;
    return root;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    this.#parent[Math.max(x, y)] = Math.min(x, y);
  }
}

/**
 * DBSCAN (Ester et al. 1996) with ALEC's distance, ε = 100 and at least one point: with one point
 * every candidate is a core point, so that clusters are the parts connected by distances up to ε.
 *
 * @param candidates in order of time
 * @param placeOf the object of the graph that a candidate stands at
 */
export function groupByAlec(
  candidates: readonly Candidate[],
  graph: ObjectGraph,
  placeOf: (object: string) => string = (object) => object,
): Candidate[][] {
  const sets = new Sets(candidates.length);
  const at = new Map<string, number[]>();
  candidates.forEach((candidate, index) => {
    const place = placeOf(candidate.object);
    for (const [near, hops] of graph.within(place, MOST_HOPS)) {
      const earlier = at.get(near) ?? [];
      for (let i = earlier.length - 1; i >= 0; i--) {
        const other = earlier[i] ?? 0;
        const minutes = (candidate.atMs - (candidates[other]?.atMs ?? 0)) / 60_000;
        if (alecDistance(minutes, hops) > EPSILON) break;
        sets.join(index, other);
      }
    }
    at.set(place, [...(at.get(place) ?? []), index]);
  });
  const groups = new Map<number, Candidate[]>();
  candidates.forEach((candidate, index) => {
    const root = sets.find(index);
    const group = groups.get(root);
    if (group) group.push(candidate);
    else groups.set(root, [candidate]);
  });
  return [...groups.values()];
}
