import { Random } from '../random.js';
import { bearing, destination, distanceKm, type Place } from './geometry.js';
import { TOWNS, type Town } from './towns.js';
import type { SimSite, SiteKind } from './types.js';

/** Invented vendors, each with the software versions in its network. */
export const VENDORS: readonly { readonly name: string; readonly versions: readonly string[] }[] = [
  { name: 'Lumenis', versions: ['LR22.2', 'LR22.4', 'LR23.1'] },
  { name: 'Northwave', versions: ['NW-7.1.3', 'NW-7.2.0'] },
];

interface Plan {
  readonly town: Town;
  readonly kind: SiteKind;
  readonly place: Place;
}

/** Sites per town, in proportion to population to the power 0.8, at least one each. */
function shareSites(towns: readonly Town[], sites: number): number[] {
  const weights = towns.map((town) => town.population ** 0.8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = weights.map((weight) => Math.max(1, Math.floor((sites * weight) / total)));
  let left = sites - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; left !== 0; i = (i + 1) % towns.length) {
    const count = counts[i] ?? 1;
    if (left < 0 && count === 1) continue;
    counts[i] = count + Math.sign(left);
    left -= Math.sign(left);
  }
  return counts;
}

/** Direction of the land, seen from a town: towards the other towns around it. */
function inland(town: Town): number {
  const around = TOWNS.filter((other) => other !== town && distanceKm(town, other) < 40);
  if (around.length === 0) return 90;
  const mean = (of: (place: Place) => number): number =>
    around.reduce((sum, place) => sum + of(place), 0) / around.length;
  return bearing(town, { lat: mean((place) => place.lat), lon: mean((place) => place.lon) });
}

function placeInTown(town: Town, nth: number, of: number, random: Random): Place {
  const radiusKm = Math.max(0.7, Math.sqrt(town.population / 1_500 / Math.PI));
  const km = radiusKm * Math.sqrt((nth + 0.3) / of) * random.between(0.9, 1.1);
  const turn = nth * 137.508 + random.between(-15, 15);
  const degrees =
    town.coastal && km > 0.6 ? inland(town) + (((turn % 200) + 200) % 200) - 100 : turn;
  return destination(town, km, degrees);
}

/** Halfway to one of the nearest other towns, only where there is land between. */
function placeBetween(town: Town, random: Random): Place | undefined {
  const others = TOWNS.filter((other) => other !== town && !other.coastal)
    .sort((a, b) => distanceKm(town, a) - distanceKm(town, b))
    .slice(0, 3);
  const other = random.pick(others);
  const km = distanceKm(town, other);
  if (town.coastal || km < 6 || km > 35) return undefined;
  return destination(town, km * random.between(0.35, 0.6), bearing(town, other));
}

function planTown(town: Town, count: number, random: Random): Plan[] {
  return Array.from({ length: count }, (_, nth): Plan => {
    const between = nth > 0 && random.chance(0.45) ? placeBetween(town, random) : undefined;
    if (town.population < 30_000 && between !== undefined) {
      return { town, kind: 'rural', place: between };
    }
    const isCity = town.population > 40_000;
    const kind = isCity && nth % 6 === 5 ? 'small' : isCity ? 'urban' : 'town';
    return { town, kind, place: placeInTown(town, nth, count, random) };
  });
}

const REACH: Readonly<Record<SiteKind, number>> = { urban: 1, town: 1, rural: 0.45, small: 0.12 };

/**
 * Places the sites: as many as asked, in towns first to last by population. A small network covers
 * the greatest towns only. Every third town's operator inheritance decides its vendor.
 */
export function buildSites(seed: number, siteCount: number): SimSite[] {
  const random = new Random(seed, 'sites');
  const towns = TOWNS.slice(0, Math.max(1, Math.min(TOWNS.length, Math.ceil(siteCount / 2))));
  const counts = shareSites(towns, siteCount);
  const sites: SimSite[] = [];
  towns.forEach((town, at) => {
    const vendor = VENDORS[town.department === '29' || town.department === '22' ? 1 : 0];
    const plans = planTown(town, counts[at] ?? 1, random);
    const reach = plans.reduce((sum, plan) => sum + REACH[plan.kind], 0);
    plans.forEach((plan, nth) => {
      const number = String(nth + 1).padStart(2, '0');
      sites.push({
        index: sites.length,
        siteId: `BZH-${town.code}-${number}`,
        name: plan.kind === 'rural' ? `${town.name} campagne ${number}` : `${town.name} ${number}`,
        town,
        kind: plan.kind,
        ...plan.place,
        population: (town.population * REACH[plan.kind] * random.between(0.7, 1.4)) / reach,
        vendor: vendor?.name ?? '',
        version: random.pick(vendor?.versions ?? ['']),
        cells: [],
        aggregation: 0,
        fibre: 0,
        powerZone: 0,
        core: 0,
      });
    });
  });
  return sites;
}
