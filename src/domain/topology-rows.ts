/** A site as the inventory gives it; WGS84 degrees; IANA time zone. */
export interface SiteRow {
  readonly siteId: string;
  readonly name?: string;
  readonly lat: number;
  readonly lon: number;
  readonly zone?: string;
}

/** A cell; azimuth in degrees from north; sector = site and azimuth when not given. */
export interface CellRow {
  readonly cellId: string;
  readonly siteId: string;
  readonly lat?: number;
  readonly lon?: number;
  readonly azimuth?: number;
  readonly technology?: string;
  readonly vendor?: string;
  readonly version?: string;
}

/**
 * A resource that `childId` depends on: a transport link between an aggregation node and a site, a
 * power zone over sites, a controller over aggregations. `kind` is free text such as `transport`,
 * `aggregation`, `power`, `core`. If the link or its parent fails, the child fails.
 */
export interface LinkRow {
  readonly linkId: string;
  readonly parentId: string;
  readonly childId: string;
  readonly kind: string;
}

/** A cell that can take over part of another's traffic; weight in [0,1], default 1. */
export interface NeighbourRow {
  readonly cellId: string;
  readonly neighbourId: string;
  readonly weight?: number;
}

/** Planned work on a resource: `resourceId` is a cell, site, link or parent id. Epoch ms. */
export interface WorkRow {
  readonly workId: string;
  readonly resourceId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly description?: string;
}

/** Everything correlate and impact know about the network's structure. */
export interface TopologyRows {
  readonly sites: readonly SiteRow[];
  readonly cells: readonly CellRow[];
  readonly links: readonly LinkRow[];
  readonly neighbours: readonly NeighbourRow[];
  readonly works: readonly WorkRow[];
}
