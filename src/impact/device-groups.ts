/** Neighbours in service of one cell that is out, by technology. */
export interface NeighbourOverlap {
  readonly cellId: string;
  /** as cells.csv spells it; empty where it is not known */
  readonly technology: string;
  /** sum of the weights of neighbours with that technology */
  readonly overlap: number;
}

/** Technologies as an import spells them, `LTE800|LTE1800`, upper and lower case alike. */
export function technologiesIn(text: string): Set<string> {
  return new Set(
    text
      .split('|')
      .map((each) => each.trim().toLowerCase())
      .filter((each) => each !== ''),
  );
}

/** Whether a device can use a cell. What is not known of either side is no obstacle. */
export function canUse(device: ReadonlySet<string>, technology: string): boolean {
  return device.size === 0 || technology === '' || device.has(technology.trim().toLowerCase());
}

/**
 * How many devices of a kind neighbours catch for one that can use everything, over the cells of an
 * incident that are out: the mean of what the neighbours which the device can use would catch, over
 * that of all neighbours.
 * @param caught share that an overlap catches, from `caughtShare`
 * @returns in [0,1]; 1 where nothing is caught anyway
 */
export function caughtOf(
  technologies: string,
  neighbours: readonly NeighbourOverlap[],
  caught: (overlap: number) => number,
): number {
  const device = technologiesIn(technologies);
  if (device.size === 0) return 1;
  const all = new Map<string, number>();
  const usable = new Map<string, number>();
  for (const { cellId, technology, overlap } of neighbours) {
    all.set(cellId, (all.get(cellId) ?? 0) + overlap);
    if (canUse(device, technology)) usable.set(cellId, (usable.get(cellId) ?? 0) + overlap);
  }
  let most = 0;
  let some = 0;
  for (const [cellId, overlap] of all) {
    most += caught(overlap);
    some += caught(usable.get(cellId) ?? 0);
  }
  return most > 0 ? Math.min(1, some / most) : 1;
}
