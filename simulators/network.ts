import { buildCells } from './world/build-cells.js';
import { buildSites } from './world/build-sites.js';
import { buildTransport } from './world/build-transport.js';
import { linkNeighbours } from './world/link-neighbours.js';
import { topologyRowsOf } from './world/topology-rows.js';
import type { Network } from './world/types.js';

/** How large the network is. */
export interface NetworkOptions {
  readonly seed: number;
  /** default 320 */
  readonly sites?: number;
  /** wanted cells, three or more a site; default 1,040 */
  readonly cells?: number;
}

/** Builds the network of Bretagne that everything else is simulated on. */
export function createNetwork(options: NetworkOptions): Network {
  const { seed } = options;
  const sites = buildSites(seed, options.sites ?? 320);
  const cells = buildCells(seed, sites, options.cells ?? Math.ceil(sites.length * 3.25));
  const transport = buildTransport(seed, sites);
  linkNeighbours(sites, cells);
  const network = { seed, zone: 'Europe/Paris', sites, cells, ...transport };
  return { ...network, rows: topologyRowsOf(network) };
}
