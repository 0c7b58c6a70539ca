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
  /** as `lostAround` has it for the present incident, once asked; undefined before */
  around: number | undefined;
  /** sum of what draws people within reach, once asked: it is the network's, not an incident's */
  pull: number | undefined;
  readonly sites: string[];
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
  #asked: Square[] = [];

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
        pull: undefined,
        sites: [],
      };
      square.cells += cells;
      square.sites.push(siteId);
      this.#squares.set(key, square);
      this.#squareOf.set(siteId, square);
    }
  }

  /** Takes the cells an incident has lost. @param lost number of them by site */
  setLost(lost: ReadonlyMap<string, number>): void {
    for (const square of this.#touched) square.lost = 0;
    for (const square of this.#asked) square.around = undefined;
    this.#touched = [];
    this.#asked = [];
    for (const [siteId, count] of lost) {
      const square = this.#squareOf.get(siteId);
      if (square === undefined) continue;
      if (square.lost === 0) this.#touched.push(square);
      square.lost += count;
    }
  }

  /** Sites from which some of the lost cells are in reach; of all others nothing around is lost. */
  sitesAround(): string[] {
    const near = new Set<Square>();
    for (const touched of this.#touched) {
      for (const square of this.#within(touched)) near.add(square);
    }
    return [...near].flatMap(({ sites }) => sites);
  }

  /** Share lost of the places where people of that site are when away, in [0,1]. */
  lostAround(siteId: string): number {
    const from = this.#squareOf.get(siteId);
    if (from === undefined) return 0;
    if (from.around === undefined) {
      from.around = this.#lostAround(from);
      this.#asked.push(from);
    }
    return from.around;
  }

  #lostAround(from: Square): number {
    const near = this.#touched.filter((to) => km(from, to) <= REACH_KM);
    if (near.length === 0) return 0;
    from.pull ??= this.#within(from).reduce((sum, to) => sum + to.cells * pull(from, to), 0);
    const lost = near.reduce((sum, to) => sum + Math.min(to.lost, to.cells) * pull(from, to), 0);
    return from.pull > 0 ? Math.min(1, lost / from.pull) : 0;
  }

  /** Squares with sites that are in reach of one, itself among them. */
  #within(from: Square): Square[] {
    const found: Square[] = [];
    const reach = Math.ceil(REACH_KM / KM_PER_DEGREE / SIDE);
    for (let row = from.row - reach; row <= from.row + reach; row++) {
      for (let column = from.column - reach; column <= from.column + reach; column++) {
        const to = this.#squares.get(`${row} ${column}`);
        if (to !== undefined && km(from, to) <= REACH_KM) found.push(to);
      }
    }
    return found;
  }
}

/** How strongly one square draws the people of another, for each of its cells. */
function pull(from: Square, to: Square): number {
  return (km(from, to) + NEAR_KM) ** -2;
}

/** Length of a degree of longitude against one of latitude, at a row. */
function squeeze(row: number): number {
  return Math.max(0.01, Math.cos((row * SIDE * Math.PI) / 180));
}

function km(a: Square, b: Square): number {
  return Math.hypot(a.row - b.row, a.column - b.column) * SIDE * KM_PER_DEGREE;
}
