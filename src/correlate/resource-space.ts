import type { NamedResource } from '../domain/facts.js';
import type { ObjectType } from '../domain/ids.js';
import type { TopologyView } from '../domain/topology.js';
import type { ResourceType } from '../domain/topology-build.js';

const NONE = new Int32Array(0);

interface Stranger {
  readonly type: ResourceType;
  readonly id: string;
  readonly self: Int32Array;
}

const TYPE_OF: Record<ObjectType, ResourceType> = {
  cell: 'cell',
  site: 'site',
  link: 'link',
  function: 'node',
};

/**
 * The inventory's resources and those that only telemetry or alarms know, under one numbering: the
 * strangers follow the inventory and depend on nothing. Also knows which cells have ever reported.
 * Numbers hold for one process; what is stored uses `keyOf`.
 */
export class ResourceSpace {
  readonly topology: TopologyView;
  readonly #strangers: Stranger[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #observedBy = new Map<string, Set<number>>();
  readonly #observedUnder: Uint32Array;

  constructor(topology: TopologyView) {
    this.topology = topology;
    this.#observedUnder = new Uint32Array(topology.resourceCount);
  }

  /** How many resources there are so far, strangers included: their numbers are below it. */
  get count(): number {
    return this.topology.resourceCount + this.#strangers.length;
  }

  /** Number of what a report or alarm speaks of; an unknown object becomes a stranger. */
  resolve(type: ObjectType | undefined, id: string): number {
    const known = type === undefined ? this.topology.findAny(id) : this.topology.find(type, id);
    return known >= 0 ? known : this.#stranger(type === undefined ? 'node' : TYPE_OF[type], id);
  }

  /** Number of what an operator names; -1 when neither inventory, telemetry nor alarms know it. */
  lookUp({ type, id }: NamedResource): number {
    const { topology } = this;
    if (type === undefined) {
      const known = topology.findAny(id);
      return known >= 0 ? known : this.#strangerNamed(id);
    }
    const known =
      type === 'sector' || type === 'software'
        ? topology.findTyped(type, id)
        : topology.find(type, id);
    const stored = type === 'function' ? 'node' : type;
    return known >= 0 ? known : (this.#byKey.get(`${stored}:${id}`) ?? -1);
  }

  #strangerNamed(id: string): number {
    for (const type of ['site', 'cell', 'link', 'node']) {
      const known = this.#byKey.get(`${type}:${id}`);
      if (known !== undefined) return known;
    }
    return -1;
  }

  /** Number of a stored key, also when the inventory has lost or gained it since. */
  fromKey(key: string): number {
    const colon = key.indexOf(':');
    const type = key.slice(0, colon) as ResourceType;
    const id = key.slice(colon + 1);
    const known = this.topology.findTyped(type, id);
    return known >= 0 ? known : this.#stranger(type, id);
  }

  /** `type:id`, the same in every process. */
  keyOf(resource: number): string {
    return `${this.typeOf(resource)}:${this.idOf(resource)}`;
  }

  idOf(resource: number): string {
    return this.#strangerAt(resource)?.id ?? this.topology.idOf(resource);
  }

  typeOf(resource: number): ResourceType {
    return this.#strangerAt(resource)?.type ?? this.topology.typeOf(resource);
  }

  kindOf(resource: number): string {
    const stranger = this.#strangerAt(resource);
    if (stranger === undefined) return this.topology.kindOf(resource);
    return stranger.type === 'node' || stranger.type === 'link' ? 'unknown' : stranger.type;
  }

  isCell(resource: number): boolean {
    return resource < this.topology.cellCount || this.#strangerAt(resource)?.type === 'cell';
  }

  /** As `TopologyView.ancestorsOf`: ascending, without the resource itself. */
  ancestorsOf(resource: number): Int32Array {
    return this.#isStranger(resource) ? NONE : this.topology.ancestorsOf(resource);
  }

  /** As `TopologyView.cellsUnder`. */
  cellsUnder(resource: number): Int32Array {
    const stranger = this.#strangerAt(resource);
    return stranger === undefined ? this.topology.cellsUnder(resource) : stranger.self;
  }

  /** Cells that the inventory says can take over part of the cell's traffic; others have none. */
  neighbourCells(cell: number): Int32Array {
    return cell < this.topology.cellCount ? this.topology.neighbourCells(cell) : NONE;
  }

  /** How many cells are under the resource. */
  sizeOf(resource: number): number {
    const stranger = this.#strangerAt(resource);
    return stranger === undefined ? this.topology.countUnder(resource) : stranger.self.length;
  }

  depthOf(resource: number): number {
    return this.#isStranger(resource) ? 0 : this.topology.depthOf(resource);
  }

  /** Resources over the very same cells, itself included. */
  sameCellsAs(resource: number): readonly number[] {
    return this.#isStranger(resource) ? [resource] : this.topology.sameCellsAs(resource);
  }

  /** The first of the resources over the very same cells; it stands for all of them. */
  leaderOf(resource: number): number {
    return this.#isStranger(resource)
      ? resource
      : (this.topology.sameCellsAs(resource)[0] ?? resource);
  }

  /** Whether `below` is the resource, depends on it, or has all its cells under it. */
  isUnder(below: number, resource: number): boolean {
    if (below === resource || this.dependsOn(below, resource)) return true;
    const cells = this.cellsUnder(below);
    if (cells.length === 0 || cells.length > this.sizeOf(resource)) return false;
    return cells.every((cell) => cell === resource || this.dependsOn(cell, resource));
  }

  /** Whether the resource is among what `below` depends on. */
  dependsOn(below: number, resource: number): boolean {
    const above = this.ancestorsOf(below);
    let lo = 0;
    let hi = above.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if ((above[mid] ?? 0) < resource) lo = mid + 1;
      else hi = mid;
    }
    return above[lo] === resource;
  }

  /** The site of a cell, or the resource itself where there is none. */
  siteOf(resource: number): number {
    if (this.typeOf(resource) === 'site') return resource;
    if (resource >= this.topology.cellCount) return resource;
    const site = this.topology.siteOf(resource);
    return site < 0 ? resource : site;
  }

  /** Notes that a cell reports through a feed. Idempotent. */
  observe(feed: string, cell: number): void {
    const isNew = !this.isObserved(cell);
    const cells = this.#observedBy.get(feed);
    if (cells === undefined) this.#observedBy.set(feed, new Set([cell]));
    else cells.add(cell);
    if (!isNew || this.#isStranger(cell)) return;
    this.#observedUnder[cell] = (this.#observedUnder[cell] ?? 0) + 1;
    for (const above of this.ancestorsOf(cell)) {
      this.#observedUnder[above] = (this.#observedUnder[above] ?? 0) + 1;
    }
  }

  isObserved(cell: number): boolean {
    if (!this.#isStranger(cell)) return (this.#observedUnder[cell] ?? 0) > 0;
    for (const cells of this.#observedBy.values()) if (cells.has(cell)) return true;
    return false;
  }

  /** How many cells under the resource have ever reported. */
  observedUnder(resource: number): number {
    if (this.#isStranger(resource)) return this.isObserved(resource) ? 1 : 0;
    return this.#observedUnder[resource] ?? 0;
  }

  /** How many cells have ever reported, as the feed with the most has it. */
  observedCells(): number {
    let most = 0;
    for (const cells of this.#observedBy.values()) most = Math.max(most, cells.size);
    return most;
  }

  /** Cells that have reported, by feed, in order of first report. */
  observedBy(): ReadonlyMap<string, ReadonlySet<number>> {
    return this.#observedBy;
  }

  #isStranger(resource: number): boolean {
    return resource >= this.topology.resourceCount;
  }

  #strangerAt(resource: number): Stranger | undefined {
    if (resource < this.topology.resourceCount) return undefined;
    return this.#strangers[resource - this.topology.resourceCount];
  }

  #stranger(type: ResourceType, id: string): number {
    const key = `${type}:${id}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const resource = this.topology.resourceCount + this.#strangers.length;
    this.#strangers.push({ type, id, self: type === 'cell' ? Int32Array.of(resource) : NONE });
    this.#byKey.set(key, resource);
    return resource;
  }
}
