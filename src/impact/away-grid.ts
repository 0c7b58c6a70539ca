/** Where a site stands, WGS84 degrees, and how many cells it has. */
export interface PlacedSite {
  readonly siteId: string;
  readonly lat: number;
  readonly lon: number;
  readonly cells: number;
}

/** Side of a square of the grid in degrees of latitude, about 5.6 km. */
const SIDE = 0.05;
/** Squares further than this are not looked at. */
const REACH_KM = 40;
/** Attraction falls with the square of the distance, from a few kilometres on. */
const NEAR_KM = 5;
const KM_PER_DEGREE = 111.2;

interface Square {
  readonly row: number;
  readonly column: number;
  cells: number;
  lost: number;
  /** as `lostAround` has it, once asked; undefined before */
  around: number | undefined;
}

/**
 * Where people are who are not at their declared place, said without following anybody: a gravity
 * model (Zipf 1946) over squares of about 6 km, each drawing people by its number of cells and by
 * 1 ÷ (distance + 5 km)². Tells how much of the surroundings of a site an incident has taken.
 */
export class AwayGrid {
  readonly #squares = new Map<string, Square>();
  readonly #squareOf = new Map<string, Square>();
  #touched: Square[] = [];

  constructor(sites: Iterable<PlacedSite>) {
    for (const { siteId, lat, lon, cells } of sites) {
      const row = Math.floor(lat / SIDE);
      const column = Math.floor((lon * squeeze(row)) / SIDE);
      const key = `${row} ${column}`;
      const square = this.#squares.get(key) ?? {
        row,
        column,
        cells: 0,
        lost: 0,
        around: undefined,
      };
      square.cells += cells;
      this.#squares.set(key, square);
      this.#squareOf.set(siteId, square);
    }
  }

  /** Takes the cells an incident has lost. @param lost number of them by site */
  setLost(lost: ReadonlyMap<string, number>): void {
    for (const square of this.#touched) square.lost = 0;
    for (const square of this.#squares.values()) square.around = undefined;
    this.#touched = [];
    for (const [siteId, count] of lost) {
      const square = this.#squareOf.get(siteId);
      if (square === undefined) continue;
      if (square.lost === 0) this.#touched.push(square);
      square.lost += count;
    }
  }

  /** Share lost of the places where people of that site are when away, in [0,1]. */
  lostAround(siteId: string): number {
    const from = this.#squareOf.get(siteId);
    if (from === undefined) return 0;
    from.around ??= this.#lostAround(from);
    return from.around;
  }

  #lostAround(from: Square): number {
    const pull = (to: Square): number => (km(from, to) + NEAR_KM) ** -2;
    const near = this.#touched.filter((to) => km(from, to) <= REACH_KM);
    if (near.length === 0) return 0;
    let all = 0;
    const reach = Math.ceil(REACH_KM / KM_PER_DEGREE / SIDE);
    for (let row = from.row - reach; row <= from.row + reach; row++) {
      for (let column = from.column - reach; column <= from.column + reach; column++) {
        const to = this.#squares.get(`${row} ${column}`);
        if (to !== undefined && km(from, to) <= REACH_KM) all += to.cells * pull(to);
      }
    }
    const lost = near.reduce((sum, to) => sum + Math.min(to.lost, to.cells) * pull(to), 0);
    return all > 0 ? Math.min(1, lost / all) : 0;
  }
}

/** Length of a degree of longitude against one of latitude, at a row. */
function squeeze(row: number): number {
  return Math.max(0.01, Math.cos((row * SIDE * Math.PI) / 180));
}

function km(a: Square, b: Square): number {
  return Math.hypot(a.row - b.row, a.column - b.column) * SIDE * KM_PER_DEGREE;
}
