import { mix3 } from '../random.js';
import { angleBetween, bearing, distanceKm, type Place } from '../world/geometry.js';
import type { Layer, Network, SimCell, SimSite } from '../world/types.js';

/** Cells kept of those that can be heard at a place. */
export const HEARD = 8;
const SITES_HEARD = 7;

/**
 * Level received 1 km away in the direction of the antenna, dBm: about 15 W a carrier, 17 dBi, less
 * the path loss of COST 231 Hata at the layer's frequency in a town.
 */
const AT_ONE_KM: Readonly<Record<Layer, number>> = {
  L800: -87,
  L1800: -95,
  L2600: -100,
  small: -112,
};
/** dB per tenfold distance, and the least distance that counts, km. */
const SLOPE = 35;
const NEAREST_KM = 0.05;
/** Beam width and most attenuation of a sector antenna (3GPP TR 36.814 table A.2.1.1-2). */
const BEAM_DEGREES = 70;
const MOST_AWAY_DB = 25;
/** Spread of shadowing by buildings and hills, dB: of a site, and of each of its cells besides. */
const SHADOW_DB = 7;
const OWN_SHADOW_DB = 2.5;
/** Level below which there is no service, dBm. */
const LEAST_DBM = -122;
/** Phones are steered to the wide carriers: dB that a layer counts for more when cells are chosen. */
const STEERED_DB: Readonly<Record<Layer, number>> = { L800: 0, L1800: 6, L2600: 8, small: 10 };

/** What a phone chooses by: the margin, and the layer it is steered to where that is good enough. */
export function steered(layer: Layer, margin: number): number {
  return margin + (margin > 8 ? STEERED_DB[layer] : 0);
}

/** A standard normal deviation from 32 bits: the sum of four bytes, which is near enough. */
export function normalOf(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / 147.8;
}

/** Cells heard at a place, that which a phone would choose first. */
export interface Reception {
  readonly cells: readonly number[];
  /** dB above what service needs, in the same order; below 0 there is none */
  readonly margins: readonly number[];
}

/** Works out what is heard where: distance, antennas, frequency and shadowing. */
export class Radio {
  readonly #network: Network;
  readonly #seed: number;
  /** sites by site, nearest first, itself included */
  readonly #near: readonly (readonly SimSite[])[];

  constructor(network: Network, seed: number) {
    this.#network = network;
    this.#seed = seed;
    this.#near = network.sites.map((site) =>
      network.sites
        .map((other) => ({ other, km: distanceKm(site, other) }))
        .sort((a, b) => a.km - b.km)
        .slice(0, SITES_HEARD)
        .map(({ other }) => other),
    );
  }

  /**
   * What is heard at a place.
   * @param site index of the site that the place is near to
   * @param key tells places apart: shadowing is the same at the same place
   * @param indoorDb lost by walls
   */
  heardAt(place: Place, site: number, key: number, indoorDb: number): Reception {
    const heard: { cell: number; margin: number; rank: number }[] = [];
    for (const near of this.#near[site] ?? []) {
      const way = wayTo(place, near);
      const shadow = SHADOW_DB * normalOf(mix3(this.#seed, key, near.index));
      for (const index of near.cells) {
        const cell = this.#network.cells[index];
        if (cell === undefined) continue;
        const own = OWN_SHADOW_DB * normalOf(mix3(this.#seed ^ 0x51ed, key, index));
        const margin = meanLevel(way, cell) + shadow + own - indoorDb - LEAST_DBM;
        heard.push({ cell: index, margin, rank: steered(cell.layer, margin) });
      }
    }
    const best = heard.sort((a, b) => b.rank - a.rank || a.cell - b.cell).slice(0, HEARD);
    return { cells: best.map(({ cell }) => cell), margins: best.map(({ margin }) => margin) };
  }

  /** The site that a planning tool without shadowing says covers a place. */
  coveringSite(place: Place, site: number): number {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const near of this.#near[site] ?? []) {
      const way = wayTo(place, near);
      for (const index of near.cells) {
        const cell = this.#network.cells[index];
        if (cell === undefined) continue;
        const level = meanLevel(way, cell) + STEERED_DB[cell.layer];
        if (level <= most) continue;
        most = level;
        best = near.index;
      }
    }
    return best;
  }
}

/** How a place lies to a site: what distance takes, dB, and in which direction, degrees. */
interface Way {
  readonly loss: number;
  readonly degrees: number;
}

function wayTo(place: Place, site: SimSite): Way {
  const km = Math.max(NEAREST_KM, distanceKm(site, place));
  return { loss: SLOPE * Math.log10(km), degrees: bearing(site, place) };
}

function meanLevel({ loss, degrees }: Way, cell: SimCell): number {
  const away = cell.layer === 'small' ? 0 : angleBetween(cell.azimuth, degrees);
  const antenna = Math.min(12 * (away / BEAM_DEGREES) ** 2, MOST_AWAY_DB);
  return AT_ONE_KM[cell.layer] - loss - antenna;
}
