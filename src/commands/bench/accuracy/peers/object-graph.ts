import type { TopologyRows } from '../../../../domain/topology-rows.js';

/**
 * The inventory as a graph of objects for peers that count hops: a cell hangs on its site, a link
 * stands between its parent and its child. Objects are named as candidates name them.
 */
export class ObjectGraph {
  readonly #beside = new Map<string, Set<string>>();
  readonly #below = new Map<string, Set<string>>();
  readonly #siteOf = new Map<string, string>();
  readonly #cells = new Map<string, ReadonlySet<string>>();

  constructor({ cells, links, sites }: Pick<TopologyRows, 'cells' | 'links' | 'sites'>) {
    const siteIds = new Set([...sites, ...cells].map(({ siteId }) => siteId));
    for (const { cellId, siteId } of cells) {
      this.#siteOf.set(`cell/${cellId}`, `site/${siteId}`);
      this.#hang(`cell/${cellId}`, `site/${siteId}`);
    }
    for (const { linkId, parentId, childId } of links) {
      const child = siteIds.has(childId) ? `site/${childId}` : `node/${childId}`;
      this.#hang(child, `link/${linkId}`);
      this.#hang(`link/${linkId}`, `node/${parentId}`);
    }
  }

  /** The site an object belongs to: a cell's, the site itself, else none. */
  siteOf(object: string): string | undefined {
    return object.startsWith('site/') ? object : this.#siteOf.get(object);
  }

  /** Objects at most so many hops away with their distance, the object itself first. */
  within(object: string, hops: number): Map<string, number> {
    const found = new Map([[object, 0]]);
    let ring = [object];
    for (let away = 1; away <= hops; away++) {
      const next: string[] = [];
      for (const each of ring) {
        for (const other of this.#beside.get(each) ?? []) {
          if (found.has(other)) continue;
          found.set(other, away);
          next.push(other);
        }
      }
      ring = next;
    }
    return found;
  }

  /** Ids of the cells that depend on an object; a cell is its own. */
  cellsUnder(object: string): ReadonlySet<string> {
    const known = this.#cells.get(object);
    if (known) return known;
    const cells = new Set<string>();
    if (object.startsWith('cell/')) cells.add(object.slice('cell/'.length));
    for (const below of this.#below.get(object) ?? []) {
      for (const cell of this.cellsUnder(below)) cells.add(cell);
    }
    this.#cells.set(object, cells);
    return cells;
  }

  #hang(lower: string, upper: string): void {
    const add = (to: Map<string, Set<string>>, from: string, other: string): void => {
      const set = to.get(from) ?? new Set();
      to.set(from, set.add(other));
    };
    add(this.#beside, lower, upper);
    add(this.#beside, upper, lower);
    add(this.#below, upper, lower);
  }
}
