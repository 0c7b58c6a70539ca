import { distanceKm, type Place } from './geometry.js';

/** Side of a square, degrees of latitude: about 3 km. */
const SIDE = 0.03;
/** Squares looked at around a point before all are. */
const MOST_RINGS = 40;

/** Finds the nearest of many places quickly. */
export class NearestGrid {
  readonly #places: readonly Place[];
  readonly #squares = new Map<number, number[]>();

  /** @param places at least one; answers are indices into them */
  constructor(places: readonly Place[]) {
    this.#places = places;
    places.forEach((place, index) => {
      const key = keyOf(rowOf(place), columnOf(place));
      const square = this.#squares.get(key);
      if (square === undefined) this.#squares.set(key, [index]);
      else square.push(index);
    });
  }

  /** The nearest place, near enough: of the first ring of squares that has one and the next. */
  nearest(point: Place): number {
    const row = rowOf(point);
    const column = columnOf(point);
    let best = -1;
    let bestKm = Number.POSITIVE_INFINITY;
    let last = MOST_RINGS;
    for (let ring = 0; ring <= last; ring++) {
      for (const index of this.#ring(row, column, ring)) {
        const km = distanceKm(point, this.#places[index] ?? point);
        if (km >= bestKm) continue;
        if (best < 0) last = Math.min(last, ring + 1);
        best = index;
        bestKm = km;
      }
    }
    return Math.max(0, best);
  }

  *#ring(row: number, column: number, ring: number): Generator<number> {
    for (let r = row - ring; r <= row + ring; r++) {
      const isEdge = Math.abs(r - row) === ring;
      for (let c = column - ring; c <= column + ring; c += isEdge || ring === 0 ? 1 : 2 * ring)
        yield* this.#squares.get(keyOf(r, c)) ?? [];
    }
  }
}

function rowOf({ lat }: Place): number {
  return Math.floor(lat / SIDE);
}

function columnOf({ lon }: Place): number {
  return Math.floor((0.66 * lon) / SIDE);
}

function keyOf(row: number, column: number): number {
  return row * 100_003 + column;
}
