import type { TopologyRows } from '../../src/domain/topology-rows.js';
import type { Town } from './towns.js';

/** Urban and small sites are dense; rural ones stand between towns. */
export type SiteKind = 'urban' | 'town' | 'rural' | 'small';

/** LTE layers by carrier frequency in MHz, and a street-level small cell. */
export type Layer = 'L800' | 'L1800' | 'L2600' | 'small';

/** Whose day a cell follows. */
export type ProfileName = 'residential' | 'business' | 'leisure' | 'road';

/** One site; `cells`, `aggregation`, `fibre`, `powerZone` and `core` are indices into the world. */
export interface SimSite {
  readonly index: number;
  readonly siteId: string;
  readonly name: string;
  readonly town: Town;
  readonly kind: SiteKind;
  readonly lat: number;
  readonly lon: number;
  /** people it serves */
  readonly population: number;
  readonly vendor: string;
  readonly version: string;
  readonly cells: number[];
  aggregation: number;
  fibre: number;
  powerZone: number;
  core: number;
}

/** A cell that can take over part of another's traffic. */
export interface Neighbour {
  readonly cell: number;
  /** share of the other's traffic it could carry, in [0,1] */
  readonly weight: number;
}

/** One cell with what its ordinary traffic looks like. */
export interface SimCell {
  readonly index: number;
  readonly cellId: string;
  readonly site: number;
  readonly sector: number;
  readonly azimuth: number;
  readonly layer: Layer;
  readonly profile: ProfileName;
  readonly coastal: boolean;
  /** mean connected users in the busiest quarter hour of an ordinary day */
  readonly busyUsers: number;
  readonly peakMbps: number;
  /** megabytes a connected user moves in 15 minutes */
  readonly megabytesPerUser: number;
  readonly rrcFailure: number;
  readonly erabFailure: number;
  readonly dropRate: number;
  readonly neighbours: Neighbour[];
}

/** A shared resource: what it is called and the sites that depend on it. */
export interface SharedResource {
  readonly id: string;
  readonly name: string;
  /** index of the resource it hangs on: the aggregation of a fibre, the core of an aggregation */
  readonly parent: number;
  readonly sites: readonly number[];
}

/** The simulated network. The same options give the same world, byte for byte. */
export interface Network {
  readonly seed: number;
  readonly zone: string;
  readonly sites: readonly SimSite[];
  readonly cells: readonly SimCell[];
  readonly fibres: readonly SharedResource[];
  readonly aggregations: readonly SharedResource[];
  readonly powerZones: readonly SharedResource[];
  readonly cores: readonly SharedResource[];
  /** the same as inventory rows; no works, those belong to a plan */
  readonly rows: TopologyRows;
}
