import { around } from 'geokdbush';
import KDBush from 'kdbush';
import { angleBetween, bearing, distanceKm } from './geometry.js';
import type { Neighbour, SimCell, SimSite } from './types.js';

const SITES_AROUND = 7;
const CELLS_KEPT = 10;

function sameSiteWeight(cell: SimCell, other: SimCell): number {
  return cell.sector === other.sector ? 0.8 : 0.2;
}

/** Falls with distance and when either antenna looks away. */
function overlap(cell: SimCell, site: SimSite, other: SimCell, otherSite: SimSite): number {
  const km = distanceKm(site, otherSite);
  const reachKm = site.kind === 'rural' || otherSite.kind === 'rural' ? 9 : 3;
  const away = angleBetween(cell.azimuth, bearing(site, otherSite));
  const back = angleBetween(other.azimuth, bearing(otherSite, site));
  const facing = Math.max(0, 1 - away / 150) * Math.max(0, 1 - back / 150);
  const small = cell.layer === 'small' || other.layer === 'small' ? 0.5 : 1;
  return 0.7 * small * facing * Math.exp(-km / reachKm);
}

/** Fills every cell's neighbours, best first, from its own site and the sites around it. */
export function linkNeighbours(sites: readonly SimSite[], cells: readonly SimCell[]): void {
  const index = new KDBush(sites.length);
  for (const site of sites) index.add(site.lon, site.lat);
  index.finish();
  for (const site of sites) {
    const ids = around(index, site.lon, site.lat, SITES_AROUND + 1) as number[];
    const near = ids.flatMap((id) => sites[id] ?? []).filter((other) => other !== site);
    for (const cellIndex of site.cells) {
      const cell = cells[cellIndex];
      if (cell !== undefined) cell.neighbours.push(...neighboursOf(cell, site, near, cells));
    }
  }
}

function neighboursOf(
  cell: SimCell,
  site: SimSite,
  near: readonly SimSite[],
  cells: readonly SimCell[],
): Neighbour[] {
  const found: Neighbour[] = [];
  const consider = (at: number, weigh: (other: SimCell) => number): void => {
    const other = cells[at];
    if (other === undefined || other === cell) return;
    const weight = Math.round(weigh(other) * 1000) / 1000;
    if (weight >= 0.03) found.push({ cell: other.index, weight });
  };
  for (const at of site.cells) consider(at, (other) => sameSiteWeight(cell, other));
  for (const otherSite of near) {
    for (const at of otherSite.cells)
      consider(at, (other) => overlap(cell, site, other, otherSite));
  }
  return found.sort((a, b) => b.weight - a.weight || a.cell - b.cell).slice(0, CELLS_KEPT);
}
