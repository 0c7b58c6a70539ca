import type { TopologyRows } from '../../src/domain/topology-rows.js';

type NetworkKind = 'sites' | 'cells' | 'links' | 'neighbours';
type Row = Readonly<Record<string, string | number | undefined>>;

/** The network in the columns that `tocsin import` takes, kind by kind in the order to load them. */
export function networkImports(rows: TopologyRows): readonly (readonly [NetworkKind, Row[]])[] {
  return [
    ['sites', rows.sites.map(({ siteId, ...rest }) => ({ site_id: siteId, ...rest }))],
    [
      'cells',
      rows.cells.map(({ cellId, siteId, ...rest }) => ({
        cell_id: cellId,
        site_id: siteId,
        ...rest,
      })),
    ],
    [
      'links',
      rows.links.map(({ linkId, parentId, childId, kind }) => ({
        link_id: linkId,
        parent_id: parentId,
        child_id: childId,
        kind,
      })),
    ],
    [
      'neighbours',
      rows.neighbours.map(({ cellId, neighbourId, weight }) => ({
        cell_id: cellId,
        neighbour_id: neighbourId,
        weight: weight ?? 1,
      })),
    ],
  ];
}
