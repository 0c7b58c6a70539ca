import type { ObjectType } from './ids.js';
import {
  draftTopology,
  noteProblem,
  orderFromCore,
  type ResourceType,
  type TopologyDraft,
  type TopologyProblem,
} from './topology-build.js';
import type { CellRow, SiteRow, TopologyRows, WorkRow } from './topology-rows.js';
import { placeKey, townKeys } from './town.js';

/** Planned work with the resource it is on, as a number of the view. */
export interface PlannedWork extends WorkRow {
  readonly resource: number;
}

/** A cell that can take over part of another's traffic; weight in [0,1]. */
export interface Neighbour {
  readonly cell: number;
  readonly weight: number;
}

/** Lists of numbers in one array: list `i` is `items[starts[i]..starts[i+1])`. */
interface Lists {
  readonly starts: Uint32Array;
  readonly items: Int32Array;
}

function listAt(lists: Lists, at: number): Int32Array {
  return lists.items.subarray(lists.starts[at] ?? 0, lists.starts[at + 1] ?? 0);
}

function packLists(lists: readonly (readonly number[])[]): Lists {
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => {
    starts[i + 1] = (starts[i] ?? 0) + list.length;
  });
  const items = new Int32Array(starts[lists.length] ?? 0);
  lists.forEach((list, i) => {
    items.set(list, starts[i] ?? 0);
  });
  return { starts, items };
}

/**
 * For every resource the strict ancestors, without repeats, in ascending number. Cells have the
 * lowest numbers and nothing depends on them, so theirs follow from those of all others.
 */
function closeOver(draft: TopologyDraft, order: Int32Array): Lists {
  const count = draft.ids.length;
  const closures: (readonly number[])[] = new Array(count).fill([]);
  const stamps = new Int32Array(count).fill(-1);
  for (const at of order) {
    const all: number[] = [];
    const add = (above: number): void => {
      if (stamps[above] === at) return;
      stamps[above] = at;
      all.push(above);
    };
    for (const parent of draft.parents[at] ?? []) {
      add(parent);
      for (const above of closures[parent] ?? []) add(above);
    }
    closures[at] = all.sort((a, b) => a - b);
  }
  return packLists(closures);
}

function depthsOf(draft: TopologyDraft, order: Int32Array): Uint16Array {
  const depths = new Uint16Array(draft.ids.length);
  for (const at of order) {
    let depth = 0;
    const below = (parent: number): void => {
      depth = Math.max(depth, (depths[parent] ?? 0) + 1);
    };
    draft.parents[at]?.forEach(below);
    draft.uplinks.get(at)?.forEach(below);
    depths[at] = depth;
  }
  return depths;
}

/** Turns cell → ancestors around: resource → cells, ascending. A cell is under itself. */
function cellsBelow(ancestors: Lists, cellCount: number, count: number): Lists {
  const starts = new Uint32Array(count + 1);
  const end = ancestors.starts[cellCount] ?? 0;
  for (let i = 0; i < end; i++) {
    const at = (ancestors.items[i] ?? 0) + 1;
    starts[at] = (starts[at] ?? 0) + 1;
  }
  for (let cell = 0; cell < cellCount; cell++) starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const next = starts.slice(0, count);
  const items = new Int32Array(starts[count] ?? 0);
  const put = (resource: number, cell: number): void => {
    const at = next[resource] ?? 0;
    items[at] = cell;
    next[resource] = at + 1;
  };
  for (let cell = 0; cell < cellCount; cell++) {
    put(cell, cell);
    for (const above of listAt(ancestors, cell)) put(above, cell);
  }
  return { starts, items };
}

/** Resources over the very same cells, by a hash of the cells (count and two 32-bit sums). */
function classesOf(below: Lists, count: number): { classOf: Int32Array; members: number[][] } {
  const classOf = new Int32Array(count).fill(-1);
  const members: number[][] = [];
  const seen = new Map<string, number>();
  for (let resource = 0; resource < count; resource++) {
    const cells = listAt(below, resource);
    if (cells.length === 0) continue;
    let a = 0;
    let b = 0;
    for (const cell of cells) {
      a = (a + Math.imul(cell + 1, 0x9e3779b1)) | 0;
      b = (b + Math.imul((cell + 1) ^ ((cell + 1) >>> 15), 0x85ebca6b) * 31) | 0;
    }
    const key = `${cells.length}/${a}/${b}`;
    const known = seen.get(key) ?? members.length;
    if (known === members.length) {
      members.push([]);
      seen.set(key, known);
    }
    classOf[resource] = known;
    members[known]?.push(resource);
  }
  return { classOf, members };
}

/**
 * The network's structure, numbered for speed. A *resource* is anything that can fail: a cell, a
 * sector (`site/azimuth`), a site, a link, a node above links, or the cells of one vendor's software
 * version. Cells have the numbers below `cellCount`. Built once per inventory in one pass; holds
 * about 100 bytes a cell at eight ancestors each. An inventory with gaps or circles is used as far
 * as it goes and `problems` says what is wrong with it.
 */
export class TopologyView {
  readonly cellCount: number;
  readonly resourceCount: number;
  /** the first thousand; `problemCount` counts all */
  readonly problems: readonly TopologyProblem[];
  readonly problemCount: number;
  readonly works: readonly PlannedWork[];
  readonly #draft: TopologyDraft;
  readonly #ancestors: Lists;
  readonly #below: Lists;
  readonly #depths: Uint16Array;
  readonly #classOf: Int32Array;
  readonly #classMembers: number[][];
  readonly #neighbours: Lists;
  readonly #weights: Float32Array;
  readonly #sites: readonly SiteRow[];
  #byTown: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(rows: TopologyRows) {
    const draft = draftTopology(rows);
    const order = orderFromCore(draft);
    this.#draft = draft;
    this.#sites = rows.sites;
    this.cellCount = draft.cellCount;
    this.resourceCount = draft.ids.length;
    this.#ancestors = closeOver(draft, order);
    this.#depths = depthsOf(draft, order);
    this.#below = cellsBelow(this.#ancestors, this.cellCount, this.resourceCount);
    const { classOf, members } = classesOf(this.#below, this.resourceCount);
    this.#classOf = classOf;
    this.#classMembers = members;
    const { lists, weights } = this.#packNeighbours(rows);
    this.#neighbours = lists;
    this.#weights = weights;
    this.works = this.#placeWorks(rows);
    this.problems = draft.problems;
    this.problemCount = draft.problemCount;
  }

  /** The resource of that type and id, or -1. A function is a node of the link table. */
  find(type: ObjectType, id: string): number {
    const { byId } = this.#draft;
    if (type === 'cell') return byId.cell.get(id) ?? -1;
    if (type === 'site') return byId.site.get(id) ?? -1;
    if (type === 'link') return byId.link.get(id) ?? byId.node.get(id) ?? -1;
    return byId.node.get(id) ?? byId.link.get(id) ?? -1;
  }

  /** The resource with that id, whatever it is: site, cell, link, node, sector, group; or -1. */
  findAny(id: string): number {
    const { byId } = this.#draft;
    return (
      byId.site.get(id) ??
      byId.cell.get(id) ??
      byId.link.get(id) ??
      byId.node.get(id) ??
      byId.sector.get(id) ??
      byId.software.get(id) ??
      -1
    );
  }

  /** @throws RangeError when the number is none of the view's */
  idOf(resource: number): string {
    const id = this.#draft.ids[resource];
    if (id === undefined) throw new RangeError(`no resource has the number ${resource}`);
    return id;
  }

  /** The resource of that type in the inventory, or -1. */
  findTyped(type: ResourceType, id: string): number {
    return this.#draft.byId[type].get(id) ?? -1;
  }

  /** What the resource is in the inventory. @throws RangeError for a number that is none of ours */
  typeOf(resource: number): ResourceType {
    const type = this.#draft.types[resource];
    if (type === undefined) throw new RangeError(`no resource has the number ${resource}`);
    return type;
  }

  /** cell, sector, site, software, a link's own kind, or what its links make of a node. */
  kindOf(resource: number): string {
    return this.#draft.kinds[resource] ?? 'unknown';
  }

  /** The inventory's row of a cell. */
  cellRow(cell: number): CellRow | undefined {
    return this.#draft.cells[cell];
  }

  /** The site a cell stands on, or -1. */
  siteOf(cell: number): number {
    const row = this.#draft.cells[cell];
    return row === undefined ? -1 : (this.#draft.byId.site.get(row.siteId) ?? -1);
  }

  /** Sites named after a town, or after something that begins with its name; ascending. */
  sitesIn(town: string): readonly number[] {
    this.#byTown ??= this.#indexTowns();
    return this.#byTown.get(placeKey(town)) ?? [];
  }

  /** Everything the resource depends on, itself excluded, in ascending number. A view, no copy. */
  ancestorsOf(resource: number): Int32Array {
    return listAt(this.#ancestors, resource);
  }

  /** Cells that depend on the resource, ascending; a cell is under itself. A view, no copy. */
  cellsUnder(resource: number): Int32Array {
    return listAt(this.#below, resource);
  }

  /** How many cells depend on the resource. */
  countUnder(resource: number): number {
    return (this.#below.starts[resource + 1] ?? 0) - (this.#below.starts[resource] ?? 0);
  }

  /** Steps from the core: 0 depends on nothing; the greater, the more specific. */
  depthOf(resource: number): number {
    return this.#depths[resource] ?? 0;
  }

  /** Resources over the very same cells, itself included; only an alarm tells them apart. */
  sameCellsAs(resource: number): readonly number[] {
    return this.#classMembers[this.#classOf[resource] ?? -1] ?? [resource];
  }

  /** Cells that can take over part of this one's traffic, with how much. */
  neighboursOf(cell: number): Neighbour[] {
    const from = this.#neighbours.starts[cell] ?? 0;
    const cells = this.neighbourCells(cell);
    const neighbours: Neighbour[] = [];
    for (let i = 0; i < cells.length; i++)
      neighbours.push({ cell: cells[i] ?? -1, weight: this.#weights[from + i] ?? 1 });
    return neighbours;
  }

  /** Cells that can take over part of this one's traffic. A view, no copy. */
  neighbourCells(cell: number): Int32Array {
    return listAt(this.#neighbours, cell);
  }

  /** Planned works going on at that time, in order of start then id. */
  worksAt(atMs: number): PlannedWork[] {
    return this.works.filter((work) => work.startsAtMs <= atMs && atMs < work.endsAtMs);
  }

  #indexTowns(): Map<string, number[]> {
    const byTown = new Map<string, number[]>();
    for (const { siteId, name } of this.#sites) {
      const site = this.findTyped('site', siteId);
      if (site < 0 || name === undefined) continue;
      for (const key of townKeys(name)) {
        const list = byTown.get(key);
        if (list === undefined) byTown.set(key, [site]);
        else list.push(site);
      }
    }
    for (const list of byTown.values()) list.sort((a, b) => a - b);
    return byTown;
  }

  #packNeighbours(rows: TopologyRows): { lists: Lists; weights: Float32Array } {
    const cellById = this.#draft.byId.cell;
    const starts = new Uint32Array(this.cellCount + 1);
    const from = new Int32Array(rows.neighbours.length).fill(-1);
    rows.neighbours.forEach((row, i) => {
      const cell = cellById.get(row.cellId);
      if (cell === undefined || !cellById.has(row.neighbourId)) {
        const detail = `neighbour pair ${row.cellId}, ${row.neighbourId} names a cell that is not in the inventory`;
        noteProblem(this.#draft, { kind: 'neighbourUnknown', id: row.cellId, detail });
        return;
      }
      from[i] = cell;
      starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
    });
    for (let i = 0; i < this.cellCount; i++)
      starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const items = new Int32Array(starts[this.cellCount] ?? 0);
    const weights = new Float32Array(items.length);
    const next = starts.slice(0, this.cellCount);
    rows.neighbours.forEach((row, i) => {
      const cell = from[i] ?? -1;
      if (cell < 0) return;
      const at = next[cell] ?? 0;
      next[cell] = at + 1;
      items[at] = cellById.get(row.neighbourId) ?? 0;
      weights[at] = row.weight ?? 1;
    });
    return { lists: { starts, items }, weights };
  }

  #placeWorks(rows: TopologyRows): PlannedWork[] {
    const works: PlannedWork[] = [];
    for (const row of rows.works) {
      const resource = this.findAny(row.resourceId);
      if (resource >= 0) works.push({ ...row, resource });
      else {
        const detail = `planned work ${row.workId} is on ${row.resourceId}, which is not in the inventory`;
        noteProblem(this.#draft, { kind: 'workOnUnknownResource', id: row.workId, detail });
      }
    }
    return works.sort((a, b) => a.startsAtMs - b.startsAtMs || (a.workId < b.workId ? -1 : 1));
  }
}
