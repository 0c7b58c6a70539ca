import { Random } from '../random.js';
import { destination, type Place } from '../world/geometry.js';
import { NearestGrid } from '../world/nearest-grid.js';
import type { Network, SimSite } from '../world/types.js';
import { HEARD, Radio, type Reception } from './radio.js';

/** Public places at each site: offices, shops, schools, stops. */
const PUBLIC_PER_SITE = 8;
/** Median distance of a place from the site that people there are counted at, km. */
const SPREAD_KM: Readonly<Record<SimSite['kind'], number>> = {
  urban: 0.45,
  town: 0.8,
  rural: 2.2,
  small: 0.12,
};
/** Walls take so many dB, evenly drawn between. */
const INDOOR_DB = [4, 22] as const;

/** A point near a site, log-normally far in any direction. */
export function pointNear(site: SimSite, random: Random): Place {
  const km = SPREAD_KM[site.kind] * Math.exp(0.7 * random.normal());
  return destination(site, km, random.between(0, 360));
}

/**
 * Everywhere that people can be, with the cells heard there. The first places are public, sites in
 * order; the others are homes, in the order in which they are added.
 */
export class Places {
  readonly radio: Radio;
  readonly #points: Place[] = [];
  readonly #cells: Int32Array;
  readonly #margins: Float32Array;
  readonly #sites: number[] = [];
  readonly #grid: NearestGrid;
  readonly publicCount: number;

  /** @param homes how many homes will be added */
  constructor(network: Network, seed: number, homes: number) {
    this.radio = new Radio(network, seed);
    this.publicCount = network.sites.length * PUBLIC_PER_SITE;
    const size = (this.publicCount + homes) * HEARD;
    this.#cells = new Int32Array(size).fill(-1);
    this.#margins = new Float32Array(size);
    const random = new Random(seed, 'public places');
    for (const site of network.sites) {
      for (let n = 0; n < PUBLIC_PER_SITE; n++)
        this.add(pointNear(site, random), site.index, random);
    }
    this.#grid = new NearestGrid([...this.#points]);
  }

  /** Adds a place near a site. @returns its number */
  add(point: Place, site: number, random: Random): number {
    const place = this.#points.push(point) - 1;
    this.#sites.push(site);
    const indoorDb = random.between(INDOOR_DB[0], INDOOR_DB[1]);
    const { cells, margins } = this.radio.heardAt(point, site, place, indoorDb);
    cells.forEach((cell, n) => {
      this.#cells[place * HEARD + n] = cell;
      this.#margins[place * HEARD + n] = margins[n] ?? 0;
    });
    return place;
  }

  pointOf(place: number): Place {
    return this.#points[place] ?? { lat: 0, lon: 0 };
  }

  /** The site that a place was laid near to. */
  siteOf(place: number): number {
    return this.#sites[place] ?? 0;
  }

  /** A public place of a site. @param choice any whole number, at least 0 */
  publicAt(site: number, choice: number): number {
    return site * PUBLIC_PER_SITE + (choice % PUBLIC_PER_SITE);
  }

  /** The public place nearest to a point. */
  publicNear(point: Place): number {
    return this.#grid.nearest(point);
  }

  /** The cell heard best, next best and so on at a place, from 0; -1 when no more are heard. */
  cellAt(place: number, n: number): number {
    return this.#cells[place * HEARD + n] ?? -1;
  }

  /** How well, in dB above what service needs. */
  marginAt(place: number, n: number): number {
    return this.#margins[place * HEARD + n] ?? 0;
  }

  /** Cells heard at a place, that which a phone with every layer would choose first. */
  heardAt(place: number): Reception {
    const cells: number[] = [];
    const margins: number[] = [];
    for (let n = place * HEARD; n < (place + 1) * HEARD; n++) {
      const cell = this.#cells[n] ?? -1;
      if (cell < 0) break;
      cells.push(cell);
      margins.push(this.#margins[n] ?? 0);
    }
    return { cells, margins };
  }
}
