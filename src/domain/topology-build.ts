import type { CellRow, LinkRow, TopologyRows } from './topology-rows.js';

/** Something in the inventory that does not fit together; the rest is used all the same. */
export interface TopologyProblem {
  readonly kind:
    | 'duplicateCell'
    | 'cellOfUnknownSite'
    | 'linkToItself'
    | 'linkToUnknownChild'
    | 'cycle'
    | 'neighbourUnknown'
    | 'workOnUnknownResource';
  readonly id: string;
  readonly detail: string;
}

/** What a resource is in the inventory; ids are unique within a type. */
export type ResourceType = 'cell' | 'sector' | 'site' | 'link' | 'node' | 'software';

/** How many problems are kept in full; `TopologyDraft.problemCount` counts them all. */
const PROBLEMS_KEPT = 1000;

/**
 * Resources numbered from 0: cells first, in row order, then everything they depend on. `parents`
 * and `uplinks` are indexed by resource; uplinks give a link its depth and nothing else, since a
 * link id may join several pairs whose parents do not depend on each other.
 */
export interface TopologyDraft {
  readonly ids: string[];
  readonly kinds: string[];
  readonly cellCount: number;
  readonly cells: readonly CellRow[];
  readonly parents: number[][];
  readonly uplinks: Map<number, number[]>;
  readonly types: ResourceType[];
  readonly byId: Readonly<Record<ResourceType, Map<string, number>>>;
  readonly problems: TopologyProblem[];
  problemCount: number;
}

/** Id of the sector that a cell with an azimuth belongs to. */
export function sectorIdOf(siteId: string, azimuth: number): string {
  return `${siteId}/${azimuth}`;
}

/** Id of the group of cells that run one vendor's version of the software. */
export function softwareIdOf(vendor: string | undefined, version: string): string {
  return vendor === undefined ? version : `${vendor} ${version}`;
}

/** Notes a problem; beyond a bound it is only counted. */
export function noteProblem(draft: TopologyDraft, problem: TopologyProblem): void {
  draft.problemCount++;
  if (draft.problems.length < PROBLEMS_KEPT) draft.problems.push(problem);
}

function emptyDraft(): TopologyDraft {
  return {
    ids: [],
    kinds: [],
    cellCount: 0,
    cells: [],
    parents: [],
    uplinks: new Map(),
    types: [],
    byId: {
      cell: new Map(),
      sector: new Map(),
      site: new Map(),
      link: new Map(),
      node: new Map(),
      software: new Map(),
    },
    problems: [],
    problemCount: 0,
  };
}

function addResource(draft: TopologyDraft, type: ResourceType, id: string, kind: string): number {
  const index = draft.byId[type];
  const known = index.get(id);
  if (known !== undefined) return known;
  const resource = draft.ids.length;
  draft.ids.push(id);
  draft.types.push(type);
  draft.kinds.push(kind);
  draft.parents.push([]);
  index.set(id, resource);
  return resource;
}

function addCells(draft: TopologyDraft, rows: readonly CellRow[]): CellRow[] {
  const kept: CellRow[] = [];
  for (const row of rows) {
    if (draft.byId.cell.has(row.cellId)) {
      const detail = `cell ${row.cellId} is listed more than once; the first row counts`;
      noteProblem(draft, { kind: 'duplicateCell', id: row.cellId, detail });
      continue;
    }
    addResource(draft, 'cell', row.cellId, 'cell');
    kept.push(row);
  }
  return kept;
}

function attachCell(draft: TopologyDraft, cell: number, row: CellRow): void {
  let site = draft.byId.site.get(row.siteId);
  if (site === undefined) {
    site = addResource(draft, 'site', row.siteId, 'site');
    const detail = `site ${row.siteId} of cell ${row.cellId} is not in the inventory; it is used without a position`;
    noteProblem(draft, { kind: 'cellOfUnknownSite', id: row.cellId, detail });
  }
  const parents = draft.parents[cell] ?? [];
  parents.push(site);
  if (row.azimuth !== undefined) {
    const sectorId = sectorIdOf(row.siteId, row.azimuth);
    const sector = addResource(draft, 'sector', sectorId, 'sector');
    if (draft.parents[sector]?.length === 0) draft.parents[sector]?.push(site);
    parents.push(sector);
  }
  if (row.version !== undefined) {
    const group = softwareIdOf(row.vendor, row.version);
    parents.push(addResource(draft, 'software', group, 'software'));
  }
}

function resourceOf(draft: TopologyDraft, id: string): number {
  return (
    draft.byId.site.get(id) ?? draft.byId.cell.get(id) ?? addResource(draft, 'node', id, 'node')
  );
}

function addLink(draft: TopologyDraft, row: LinkRow): void {
  if (row.parentId === row.childId) {
    const detail = `link ${row.linkId} has ${row.childId} as both parent and child; it is left out`;
    noteProblem(draft, { kind: 'linkToItself', id: row.linkId, detail });
    return;
  }
  const parent = resourceOf(draft, row.parentId);
  const child = resourceOf(draft, row.childId);
  draft.parents[child]?.push(parent);
  if (row.linkId === row.parentId) return;
  const link = addResource(draft, 'link', row.linkId, row.kind);
  draft.parents[child]?.push(link);
  const uplinks = draft.uplinks.get(link);
  if (uplinks === undefined) draft.uplinks.set(link, [parent]);
  else uplinks.push(parent);
}

/**
 * What a node is, from the links below it: `transport` links end in an `aggregation` node when
 * some child is a site or cell and in a `core` node when none is; links of kind `aggregation` come
 * from an `aggregation` node or, when none of their children is a site or cell, from a `core` node;
 * any other kind (power, core, controller) is the node's own. The most common kind decides.
 */
function nameNodes(draft: TopologyDraft, links: readonly LinkRow[]): void {
  const below = new Map<number, { counts: Map<string, number>; serves: boolean }>();
  for (const row of links) {
    const node = draft.byId.node.get(row.parentId);
    if (node === undefined || row.parentId === row.childId) continue;
    let seen = below.get(node);
    if (seen === undefined) {
      seen = { counts: new Map(), serves: false };
      below.set(node, seen);
    }
    seen.counts.set(row.kind, (seen.counts.get(row.kind) ?? 0) + 1);
    if (!draft.byId.node.has(row.childId)) seen.serves = true;
  }
  for (const [node, { counts, serves }] of below) {
    const [kind] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? ['node'];
    const carries = kind === 'transport' || kind === 'aggregation';
    draft.kinds[node] = carries ? (serves ? 'aggregation' : 'core') : kind;
  }
}

function noteChildless(draft: TopologyDraft, links: readonly LinkRow[]): void {
  const parents = new Set(links.map((row) => row.parentId));
  for (const row of links) {
    const { childId } = row;
    if (parents.has(childId) || !draft.byId.node.has(childId)) continue;
    const detail = `${childId}, child of link ${row.linkId}, is neither site nor cell and has no children`;
    noteProblem(draft, { kind: 'linkToUnknownChild', id: childId, detail });
  }
}

/** Numbers every resource and says which depends directly on which; never throws. */
export function draftTopology(rows: TopologyRows): TopologyDraft {
  const draft = emptyDraft();
  const cells = addCells(draft, rows.cells);
  for (const row of rows.sites) addResource(draft, 'site', row.siteId, 'site');
  cells.forEach((row, cell) => {
    attachCell(draft, cell, row);
  });
  for (const row of rows.links) addLink(draft, row);
  nameNodes(draft, rows.links);
  noteChildless(draft, rows.links);
  return { ...draft, cells, cellCount: cells.length };
}

/**
 * Order in which every resource comes after all it depends on. An edge that would close a circle is
 * removed from `parents` (or `uplinks`) and noted as a problem.
 */
export function orderFromCore(draft: TopologyDraft): Int32Array {
  const count = draft.ids.length;
  const order = new Int32Array(count);
  const state = new Uint8Array(count);
  let placed = 0;
  const stack: number[] = [];
  for (let root = 0; root < count; root++) {
    if (state[root] === 0) stack.push(root);
    while (stack.length > 0) {
      const at = stack[stack.length - 1] ?? 0;
      if (state[at] === 0) {
        state[at] = 1;
        pushParents(draft, at, state, stack);
        continue;
      }
      stack.pop();
      if (state[at] === 1) {
        state[at] = 2;
        order[placed++] = at;
      }
    }
  }
  return order;
}

function pushParents(draft: TopologyDraft, at: number, state: Uint8Array, stack: number[]): void {
  const keep = (parent: number, isUplink: boolean): boolean => {
    if (state[parent] === 1) {
      if (isUplink) return false;
      const detail = `${draft.ids[at]} and ${draft.ids[parent]} depend on each other; one direction is left out`;
      noteProblem(draft, { kind: 'cycle', id: draft.ids[at] ?? '', detail });
      return false;
    }
    if (state[parent] === 0) stack.push(parent);
    return true;
  };
  draft.parents[at] = (draft.parents[at] ?? []).filter((parent) => keep(parent, false));
  const uplinks = draft.uplinks.get(at);
  if (uplinks === undefined) return;
  draft.uplinks.set(
    at,
    uplinks.filter((parent) => keep(parent, true)),
  );
}
