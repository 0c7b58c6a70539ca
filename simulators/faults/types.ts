import type { Alarm } from '../../src/domain/alarm.js';
import type { WorkRow } from '../../src/domain/topology-rows.js';
import type { CellEffect } from './conditions.js';

/** What can go wrong, and what only looks like it. */
export const FAULT_KINDS = [
  'sitePower',
  'sectorFailure',
  'cellOutage',
  'transportCut',
  'aggregationFailure',
  'coreDegradation',
  'softwareRelease',
  'congestion',
  'interference',
  'sleepingCell',
  'slowDegradation',
  'plannedWorks',
  'telemetryGap',
  'regionalPowerCut',
  'flapping',
  'storm',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault as a scenario or the demo plans it. */
export interface FaultSpec {
  readonly kind: FaultKind;
  readonly fromMs: number;
  readonly durationMs: number;
  /** id of a cell, site, link or node, code or name of a town, vendor or version; else drawn */
  readonly where?: string;
  /** how bad a degradation is, in (0,1]; default 1 is the kind's usual depth */
  readonly depth?: number;
  /** share of its alarms that are raised; default 1 */
  readonly alarms?: number;
  /** planned works: the announced length; default the whole duration and a quarter more */
  readonly plannedMs?: number;
}

/** Cells one true incident takes down, and when. */
export interface TrueIncident {
  readonly incidentId: string;
  readonly cells: readonly {
    readonly cell: number;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  /** in the words of rules/correlation.yaml */
  readonly causeKind: string;
  readonly causeId: string;
}

/** An alarm notification and when it comes in. */
export interface TimedAlarm {
  readonly atMs: number;
  readonly alarm: Alarm;
}

/** A fault worked out: what it does, what is heard of it, and what is true. */
export interface Fault {
  readonly id: string;
  readonly spec: FaultSpec;
  readonly effects: readonly CellEffect[];
  /** in order of time */
  readonly alarms: readonly TimedAlarm[];
  /** empty for what is no incident: an event crowd, a telemetry gap, works within their window */
  readonly truth: readonly TrueIncident[];
  readonly works: readonly WorkRow[];
}
