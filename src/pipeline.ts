import type { Alarm } from './domain/alarm.js';
import type { DetectEvent } from './domain/anomaly.js';
import type { OperatorAct } from './domain/facts.js';
import type { IncidentChange, TelemetryGap } from './domain/incident.js';
import type { ReportBlock } from './domain/kpi.js';

/** What happened to the rows of a block. */
export interface IngestCounts {
  accepted: number;
  /** same object, KPI and period with the same value */
  duplicates: number;
  /** same object, KPI and period with another value: the first one stays */
  conflicts: number;
  /** later than the feed's lateness allows */
  late: number;
}

/** Telemetry in, anomalies out. State is a shard's; time only through `advance`. */
export interface DetectStage {
  ingest(block: ReportBlock): IngestCounts;
  /** Releases every period whose end plus lateness is at or before `nowMs`, oldest first. */
  advance(nowMs: number): DetectEvent[];
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}

/** Anomalies and alarms in, incidents out. */
export interface CorrelateStage {
  detected(events: readonly DetectEvent[]): void;
  alarms(alarms: readonly Alarm[]): void;
  acts(acts: readonly OperatorAct[]): void;
  /** Decides up to `nowMs`. @returns incidents that changed, in order of first change */
  advance(nowMs: number): { changes: IncidentChange[]; gaps: TelemetryGap[] };
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;
}
