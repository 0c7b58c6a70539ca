import type { ResourceSpace } from '../resource-space.js';

/** Share of an area's cells that must depend on a resource for the area to count as under it. */
const UNDER_SHARE = 0.5;
/** A resource is the area's own when it holds this share of its cells and little else. */
const SAME_SHARE = 0.9;

/** What is shared by several areas: a resource of the network, or everything. */
export interface AreaGroup {
  /** -1: all areas */
  readonly resource: number;
  readonly areas: readonly string[];
}

const SHARED_TYPES: readonly string[] = ['site', 'link', 'node'];

/** Where the areas are that customers are counted by: their cells, and what several share. */
export class AreaPlaces {
  readonly #space: ResourceSpace;
  readonly #cells = new Map<string, Int32Array>();
  readonly #groups = new Map<string, { readonly areas: number; readonly groups: AreaGroup[] }>();

  constructor(space: ResourceSpace) {
    this.#space = space;
  }

  /** Cells of an area, ascending: of the resource with that id, or of all sites of the town. */
  cellsOf(area: string): Int32Array {
    const known = this.#cells.get(area);
    if (known !== undefined) return known;
    const found = this.#find(area);
    this.#cells.set(area, found);
    return found;
  }

  /** The resource that an area is, if it is one; -1 otherwise, and where the inventory lacks it. */
  resourceOf(area: string): number {
    const named = this.#space.topology.findAny(area);
    if (named >= 0) return named;
    const cells = this.cellsOf(area);
    let best = -1;
    for (const [resource, under] of this.#above(cells)) {
      const size = this.#space.sizeOf(resource);
      if (under < SAME_SHARE * cells.length || cells.length < SAME_SHARE * size) continue;
      if (best < 0 || this.#space.depthOf(resource) > this.#space.depthOf(best)) best = resource;
    }
    return best;
  }

  /** What two areas or more share, by series; the most specific of those over the very same areas. */
  groupsOf(series: string, areas: readonly string[]): readonly AreaGroup[] {
    const known = this.#groups.get(series);
    if (known?.areas === areas.length) return known.groups;
    const groups = this.#group(areas);
    this.#groups.set(series, { areas: areas.length, groups });
    return groups;
  }

  #find(area: string): Int32Array {
    const { topology } = this.#space;
    const resource = topology.findAny(area);
    if (resource >= 0) return this.#space.cellsUnder(resource);
    const cells = new Set<number>();
    for (const site of topology.sitesIn(area)) {
      for (const cell of this.#space.cellsUnder(site)) cells.add(cell);
    }
    return Int32Array.from(cells).sort();
  }

  /** Resources above some cells, with how many of them depend on each. */
  #above(cells: Int32Array): Map<number, number> {
    const under = new Map<number, number>();
    for (const cell of cells) {
      for (const resource of this.#space.ancestorsOf(cell)) {
        if (!SHARED_TYPES.includes(this.#space.typeOf(resource))) continue;
        under.set(resource, (under.get(resource) ?? 0) + 1);
      }
    }
    return under;
  }

  #group(areas: readonly string[]): AreaGroup[] {
    const byResource = new Map<number, string[]>();
    for (const area of areas) {
      const cells = this.cellsOf(area);
      for (const [resource, under] of this.#above(cells)) {
        if (under < UNDER_SHARE * cells.length) continue;
        const list = byResource.get(resource);
        if (list === undefined) byResource.set(resource, [area]);
        else list.push(area);
      }
    }
    const byAreas = new Map<string, AreaGroup>();
    for (const [resource, own] of byResource) {
      if (own.length < 2) continue;
      const key = JSON.stringify(own);
      const known = byAreas.get(key);
      if (known === undefined || this.#isCloser(resource, known.resource)) {
        byAreas.set(key, { resource, areas: own });
      }
    }
    if (areas.length > 1 && !byAreas.has(JSON.stringify(areas)))
      byAreas.set('', { resource: -1, areas });
    return [...byAreas.values()];
  }

  #isCloser(a: number, b: number): boolean {
    const space = this.#space;
    const apart = space.depthOf(a) - space.depthOf(b);
    return apart === 0 ? space.keyOf(a) < space.keyOf(b) : apart > 0;
  }
}
