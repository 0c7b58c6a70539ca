import type { LinkRow, TopologyRows } from '../../src/domain/topology-rows.js';
import { technologyOf } from '../population/devices.js';
import type { Network, SimSite } from './types.js';

/**
 * The network as inventory rows. Links: one fibre `FIB-…` from its aggregation node to each site
 * on it (kind `transport`), one trunk `TRK-…` from a core to each aggregation node (kind
 * `aggregation`), and each site from its power zone, whose id is the link's too (kind `power`).
 */
export function topologyRowsOf(network: Omit<Network, 'rows'>): TopologyRows {
  const { sites, cells, zone } = network;
  return {
    sites: sites.map(({ siteId, name, lat, lon }) => ({ siteId, name, lat, lon, zone })),
    cells: cells.map((cell) => {
      const site = sites[cell.site];
      return {
        cellId: cell.cellId,
        siteId: site?.siteId ?? '',
        lat: site?.lat ?? 0,
        lon: site?.lon ?? 0,
        azimuth: cell.azimuth,
        technology: technologyOf(cell.layer),
        vendor: site?.vendor ?? '',
        version: site?.version ?? '',
      };
    }),
    links: [...trunks(network), ...sites.flatMap((site) => siteLinks(network, site))],
    neighbours: cells.flatMap((cell) =>
      cell.neighbours.map(({ cell: other, weight }) => ({
        cellId: cell.cellId,
        neighbourId: cells[other]?.cellId ?? '',
        weight,
      })),
    ),
    works: [],
  };
}

function trunks(network: Omit<Network, 'rows'>): LinkRow[] {
  return network.aggregations.map((node) => ({
    linkId: `TRK-${node.id.slice(4)}`,
    parentId: network.cores[node.parent]?.id ?? '',
    childId: node.id,
    kind: 'aggregation',
  }));
}

function siteLinks(network: Omit<Network, 'rows'>, site: SimSite): LinkRow[] {
  const childId = site.siteId;
  const linkId = network.fibres[site.fibre]?.id ?? '';
  const parentId = network.aggregations[site.aggregation]?.id ?? '';
  const zoneId = network.powerZones[site.powerZone]?.id ?? '';
  return [
    { linkId, parentId, childId, kind: 'transport' },
    { linkId: zoneId, parentId: zoneId, childId, kind: 'power' },
  ];
}
