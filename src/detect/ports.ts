import type { DetectEvent } from '../domain/anomaly.js';
import type { DetectAct } from '../domain/detect-act.js';
import type { ReportBlock } from '../domain/kpi.js';
import type { Calibration } from './drift-watch.js';

/** What happened to the rows of a block; a row with both new and differing values is a conflict. */
export interface IngestCounts {
  accepted: number;
  duplicates: number;
  conflicts: number;
  late: number;
}

/** Models of one feed as they stand. */
export interface ModelStatus {
  readonly feed: string;
  readonly version: number;
  /** version that `revertModel` goes back to; null when there is none */
  readonly previousVersion: number | null;
  /** clusters of objects; 0 while there are no shapes */
  readonly clusters: number;
  readonly silhouette: number;
  /** what an operator's correction makes of the share that may be raised by chance; 1 without one */
  readonly rateFactor: number;
  readonly calibration: readonly Calibration[];
}

/** The detect stage: telemetry in, anomalies out, time only through `advance`. */
export interface Detect {
  /** Buffers a block of a known feed. @throws TocsinError `input.payload` for an unknown feed */
  ingest(block: ReportBlock): IngestCounts;
  /**
   * Releases every period whose end plus lateness is at or before `nowMs`, oldest first. Stops where
   * `awaits` says that a fit is not ready; called again once it is, it goes on.
   */
  advance(nowMs: number): DetectEvent[];
  /** Time at which the next period is released, infinity when none is by `nowMs`. */
  nextDueMs(nowMs: number): number;
  /** Takes what operators did, in their order. */
  act(acts: readonly DetectAct[]): void;
  /** Takes the vendors that calibration of cells is watched by from now on, in place of those before. */
  vendors(byCell: ReadonlyMap<string, string>): void;
  /** The models of each feed, by name. */
  models(): ModelStatus[];
  /** What the last `advance` waits for before it can go on; undefined when it went all the way. */
  readonly awaits: Promise<void> | undefined;
  /** The whole state, bit for bit. */
  snapshot(): Uint8Array;
  /** Takes a state of the same feeds; KPIs a feed has gained or lost since are allowed. */
  restore(state: Uint8Array): void;
}
