import { Random } from '../random.js';
import { bearing, clusterPlaces, type Place } from './geometry.js';
import type { SharedResource, SimSite } from './types.js';

const SITES_PER_AGGREGATION = 14;
const SITES_PER_POWER_ZONE = 9;
/** Sites west of it hang on the core in Brest, the others on the one in Rennes. */
const CORE_BORDER_LON = -3.1;

/** Shared resources of the network, in the order of the sites' indices. */
export interface Transport {
  readonly fibres: readonly SharedResource[];
  readonly aggregations: readonly SharedResource[];
  readonly powerZones: readonly SharedResource[];
  readonly cores: readonly SharedResource[];
}

function membersOf(groups: readonly number[], group: number): number[] {
  return groups.flatMap((other, index) => (other === group ? [index] : []));
}

/** Names a group after the town of its most populous site; numbers those of the same town. */
function namer(prefix: string, sites: readonly SimSite[]): (members: readonly number[]) => string {
  const used = new Map<string, number>();
  return (members) => {
    const best = members
      .flatMap((member) => sites[member] ?? [])
      .reduce((a, b) => (b.population > a.population ? b : a));
    const number = (used.get(best.town.code) ?? 0) + 1;
    used.set(best.town.code, number);
    return `${prefix}-${best.town.code}-${number}`;
  };
}

function centreOf(places: readonly Place[]): Place {
  const mean = (of: (place: Place) => number): number =>
    places.reduce((sum, place) => sum + of(place), 0) / Math.max(1, places.length);
  return { lat: mean((place) => place.lat), lon: mean((place) => place.lon) };
}

/** Runs of 3 to 7 sites along the way round an aggregation share one fibre. */
function cutFibres(
  members: readonly number[],
  sites: readonly SimSite[],
  random: Random,
): number[][] {
  const places = members.flatMap((member) => sites[member] ?? []);
  const centre = centreOf(places);
  const round = [...places].sort((a, b) => bearing(centre, a) - bearing(centre, b));
  const runs: number[][] = [];
  let at = 0;
  while (at < round.length) {
    const left = round.length - at;
    const length = left < 8 ? (left > 5 ? Math.ceil(left / 2) : left) : 3 + random.below(5);
    runs.push(round.slice(at, at + length).map(({ index }) => index));
    at += length;
  }
  return runs;
}

/** Hangs every site on a fibre, an aggregation node, a core and a power zone. */
export function buildTransport(seed: number, sites: readonly SimSite[]): Transport {
  const random = new Random(seed, 'transport');
  const count = (perGroup: number): number => Math.max(2, Math.round(sites.length / perGroup));
  const nodes = clusterPlaces(sites, count(SITES_PER_AGGREGATION), random);
  const zones = clusterPlaces(sites, count(SITES_PER_POWER_ZONE), random);
  const aggregations: SharedResource[] = [];
  const fibres: SharedResource[] = [];
  const nameNode = namer('AGG', sites);
  const nameFibre = namer('FIB', sites);
  for (let node = 0; node <= Math.max(...nodes); node++) {
    const members = membersOf(nodes, node);
    const west = centreOf(members.flatMap((m) => sites[m] ?? [])).lon < CORE_BORDER_LON;
    const id = nameNode(members);
    aggregations.push({ id, name: `Aggregation ${id}`, parent: west ? 0 : 1, sites: members });
    for (const run of cutFibres(members, sites, random)) {
      const fibre = nameFibre(run);
      fibres.push({ id: fibre, name: `Fibre ${fibre}`, parent: node, sites: run });
    }
  }
  const nameZone = namer('PWR', sites);
  const powerZones = Array.from({ length: Math.max(...zones) + 1 }, (_, zone): SharedResource => {
    const members = membersOf(zones, zone);
    const id = nameZone(members);
    return { id, name: `Power zone ${id}`, parent: -1, sites: members };
  });
  const coreSites = (core: number): number[] =>
    aggregations.flatMap((node) => (node.parent === core ? node.sites : []));
  const cores: SharedResource[] = [
    { id: 'CORE-BRE', name: 'Core Brest', parent: -1, sites: coreSites(0) },
    { id: 'CORE-REN', name: 'Core Rennes', parent: -1, sites: coreSites(1) },
  ];
  attach(sites, { fibres, aggregations, powerZones, cores });
  return { fibres, aggregations, powerZones, cores };
}

function attach(sites: readonly SimSite[], transport: Transport): void {
  const each = (
    resources: readonly SharedResource[],
    set: (site: SimSite, index: number) => void,
  ): void => {
    resources.forEach((resource, index) => {
      for (const member of resource.sites) {
        const site = sites[member];
        if (site !== undefined) set(site, index);
      }
    });
  };
  each(transport.fibres, (site, index) => {
    site.fibre = index;
  });
  each(transport.aggregations, (site, index) => {
    site.aggregation = index;
  });
  each(transport.powerZones, (site, index) => {
    site.powerZone = index;
  });
  each(transport.cores, (site, index) => {
    site.core = index;
  });
}
