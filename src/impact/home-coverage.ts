/** A cell of a site with the cells that overlap it; weights are shares of its traffic, in [0,1]. */
export interface CoveringCell {
  readonly cellId: string;
  readonly neighbours: readonly { readonly cellId: string; readonly weight: number }[];
}

/**
 * Where somebody is served who is at a site's place: at one of its cells, each as likely, or, with
 * the share `spill`, at a cell that overlaps one of them, in proportion to the overlap.
 * @returns shares by cell; sum to 1, or empty for a site without cells
 */
export function homeShares(cells: readonly CoveringCell[], spill: number): Map<string, number> {
  const shares = new Map<string, number>();
  const add = (cellId: string, share: number): void => {
    shares.set(cellId, (shares.get(cellId) ?? 0) + share);
  };
  for (const { cellId, neighbours } of cells) {
    const overlap = neighbours.reduce((sum, { weight }) => sum + weight, 0);
    const out = overlap > 0 ? spill : 0;
    add(cellId, (1 - out) / cells.length);
    for (const each of neighbours) {
      if (out > 0) add(each.cellId, ((out / cells.length) * each.weight) / overlap);
    }
  }
  return shares;
}
