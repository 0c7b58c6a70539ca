import { TocsinError } from '../../src/domain/errors.js';
import type { Random } from '../random.js';
import type { Network, SharedResource, SimCell, SimSite } from '../world/types.js';

/** Cells of a list of sites, ascending. */
export function cellsOfSites(network: Network, sites: readonly number[]): number[] {
  return sites.flatMap((site) => network.sites[site]?.cells ?? []);
}

function refuse(where: string, allowed: string): never {
  throw new TocsinError('input.rules', `where was ${JSON.stringify(where)}, allowed: ${allowed}`);
}

function isTown(site: SimSite, where: string): boolean {
  return site.town.code === where || site.town.name === where;
}

/** The site named, one of the town named, or any macro site. */
export function pickSite(network: Network, random: Random, where?: string): SimSite {
  const macro = network.sites.filter(({ kind }) => kind !== 'small');
  if (where === undefined) return random.pick(macro);
  const exact = network.sites.find(({ siteId }) => siteId === where);
  const inTown = macro.filter((site) => isTown(site, where));
  if (exact !== undefined) return exact;
  if (inTown.length === 0) refuse(where, 'a site id, or the code or name of a town with sites');
  return random.pick(inTown);
}

/** The cell named, or one of a site as `pickSite` finds it. */
export function pickCell(network: Network, random: Random, where?: string): SimCell {
  const exact = network.cells.find(({ cellId }) => cellId === where);
  if (exact !== undefined) return exact;
  const site = pickSite(network, random, where);
  const cell = network.cells[random.pick(site.cells)];
  if (cell === undefined) throw new RangeError(`site ${site.siteId} has no cells`);
  return cell;
}

/** All cells of one sector; one with several layers when nothing is named and there is one. */
export function pickSector(network: Network, random: Random, where?: string): SimCell[] {
  const sectorOf = (cell: SimCell): SimCell[] =>
    network.cells.filter(({ site, sector }) => site === cell.site && sector === cell.sector);
  if (where !== undefined) {
    const [siteId, azimuth] = where.split('/');
    const named = network.cells.find(
      (cell) => network.sites[cell.site]?.siteId === siteId && String(cell.azimuth) === azimuth,
    );
    return sectorOf(named ?? pickCell(network, random, where));
  }
  const layered = network.cells.filter((cell) => sectorOf(cell).length > 1);
  return sectorOf(random.pick(layered.length > 0 ? layered : network.cells));
}

/** The resource named, the one under a site of the town named, or any. */
export function pickResource(
  network: Network,
  resources: readonly SharedResource[],
  random: Random,
  where?: string,
): SharedResource {
  const all = resources.filter(({ sites }) => sites.length > 0);
  if (where === undefined) return random.pick(all);
  const exact = all.find(({ id }) => id === where);
  const inTown = all.filter(({ sites }) =>
    sites.some((site) => isTown(network.sites[site] ?? refuse(where, 'a site'), where)),
  );
  if (exact !== undefined) return exact;
  if (inTown.length === 0) {
    refuse(
      where,
      `one of ${all
        .map(({ id }) => id)
        .slice(0, 5)
        .join(', ')}, …, or a town`,
    );
  }
  return random.pick(inTown);
}

/** Vendor and version of a software group: the one named or any with at least ten cells. */
export function pickSoftware(
  network: Network,
  random: Random,
  where?: string,
): { readonly id: string; readonly cells: number[] } {
  const groups = new Map<string, number[]>();
  for (const site of network.sites) {
    const id = `${site.vendor} ${site.version}`;
    groups.set(id, [...(groups.get(id) ?? []), ...site.cells]);
  }
  if (where !== undefined && !groups.has(where)) {
    refuse(where, `one of ${[...groups.keys()].sort().join(', ')}`);
  }
  const large = [...groups].filter(([, cells]) => cells.length >= 10);
  const [id, cells] = where === undefined ? random.pick(large) : [where, groups.get(where) ?? []];
  return { id, cells };
}
