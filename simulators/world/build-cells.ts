import { Random } from '../random.js';
import type { Layer, ProfileName, SimCell, SimSite } from './types.js';

const PEAK_MBPS: Readonly<Record<Layer, number>> = { L800: 32, L1800: 62, L2600: 70, small: 48 };
const LAYER_LETTER: Readonly<Record<Layer, string>> = {
  L800: 'A',
  L1800: 'B',
  L2600: 'C',
  small: 'S',
};
/** Share of a sector's traffic that a layer draws when all are on. */
const LAYER_PULL: Readonly<Record<Layer, number>> = { L800: 1, L1800: 1.5, L2600: 1.3, small: 1 };

/** Cells are planned so that the busiest hour asks for no more than this multiple of capacity. */
const BUSIEST_LOAD = 1.05;

/** Megabytes that a cell carries in 15 minutes in ordinary radio conditions: half its peak rate. */
export function busyCapacity(peakMbps: number): number {
  return (peakMbps * 0.5 * 900) / 8;
}

interface Sector {
  readonly site: SimSite;
  readonly sector: number;
  readonly azimuth: number;
  readonly layers: Layer[];
}

function sectorsOf(site: SimSite, random: Random): Sector[] {
  if (site.kind === 'small') {
    return [{ site, sector: 1, azimuth: random.below(360), layers: ['small'] }];
  }
  const first = random.below(12) * 10;
  const urban: Layer = random.chance(0.35) ? 'L2600' : 'L1800';
  const layer: Layer = site.kind === 'urban' ? urban : 'L800';
  return [1, 2, 3].map((sector) => ({
    site,
    sector,
    azimuth: (first + (sector - 1) * 120) % 360,
    layers: [layer],
  }));
}

/** Adds layers where most people are until the network has as many cells as asked. */
function addCapacity(sectors: readonly Sector[], cellCount: number): void {
  let cells = sectors.length;
  const busiest = sectors
    .filter(({ site }) => site.kind !== 'small')
    .sort((a, b) => b.site.population - a.site.population || a.site.index - b.site.index);
  for (const layer of ['L1800', 'L800', 'L2600'] as const) {
    for (const sector of busiest) {
      if (cells >= cellCount) return;
      if (sector.layers.includes(layer)) continue;
      sector.layers.push(layer);
      cells++;
    }
  }
}

function profileOf(site: SimSite, random: Random): ProfileName {
  const draw = random.next();
  if (site.kind === 'rural') return draw < 0.45 ? 'road' : 'residential';
  if (site.kind === 'small') return draw < 0.6 ? 'business' : 'leisure';
  if (site.town.coastal && draw < 0.3) return 'leisure';
  return draw < (site.kind === 'urban' ? 0.35 : 0.2) ? 'business' : 'residential';
}

function buildCell(sector: Sector, layer: Layer, index: number, random: Random): SimCell {
  const { site } = sector;
  const perSector = site.population / (site.kind === 'small' ? 1 : 3);
  const pull = sector.layers.reduce((sum, other) => sum + LAYER_PULL[other], 0);
  const share = LAYER_PULL[layer] / pull;
  const users = perSector * share * 0.03 * Math.exp(0.35 * random.normal());
  const peakMbps = PEAK_MBPS[layer] * random.between(0.85, 1.15);
  const megabytesPerUser = random.between(20, 38);
  const most = (BUSIEST_LOAD * busyCapacity(peakMbps)) / megabytesPerUser;
  return {
    index,
    cellId: `${site.siteId}-${sector.sector}${LAYER_LETTER[layer]}`,
    site: site.index,
    sector: sector.sector,
    azimuth: sector.azimuth,
    layer,
    profile: profileOf(site, random),
    coastal: site.town.coastal,
    busyUsers: layer === 'small' ? random.between(2, 7) : Math.min(95, most, Math.max(3, users)),
    peakMbps,
    megabytesPerUser,
    rrcFailure: 0.0015 * Math.exp(0.5 * random.normal()),
    erabFailure: 0.002 * Math.exp(0.5 * random.normal()),
    dropRate: 0.003 * Math.exp(0.5 * random.normal()),
    neighbours: [],
  };
}

/** Builds cells for the sites, at least `cellCount` where the sites can carry as many. */
export function buildCells(seed: number, sites: readonly SimSite[], cellCount: number): SimCell[] {
  const random = new Random(seed, 'cells');
  const sectors = sites.flatMap((site) => sectorsOf(site, random));
  addCapacity(sectors, cellCount);
  const cells: SimCell[] = [];
  for (const sector of sectors) {
    for (const layer of [...sector.layers].sort()) {
      const cell = buildCell(sector, layer, cells.length, random);
      cells.push(cell);
      sector.site.cells.push(cell.index);
    }
  }
  return cells;
}
