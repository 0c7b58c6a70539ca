import type { ObjectType } from './ids.js';
import type { KpiDefinition } from './kpi.js';

/** One KPI of a lane, in the feed's column order. */
export interface LaneKpi {
  readonly name: string;
  readonly definition: KpiDefinition;
}

/**
 * What detection must know of a feed: the dense matrix of its objects and KPIs is a *lane*.
 * Seasons follow local time in `zone`; `holidays` are local dates `YYYY-MM-DD`.
 * A report still counts until `latenessSeconds` after its period's end.
 */
export interface LaneSpec {
  readonly feed: string;
  readonly collector: string;
  readonly objectType: ObjectType;
  readonly periodSeconds: number;
  readonly latenessSeconds: number;
  readonly zone: string;
  /**
   * Whether reports tell the time by the local clock without its offset: of the hour that is repeated
   * when clocks go back they can't say which one they mean. Default: they can.
   */
  readonly hasClockTimes?: boolean;
  readonly holidays: readonly string[];
  readonly kpis: readonly LaneKpi[];
  /** object id to vendor, where known: calibration is watched by it, nothing is decided by it */
  readonly vendors?: ReadonlyMap<string, string>;
}

/**
 * One released period of a lane, for charts and refits: arrays of `objectIds.length × kpis` in row
 * order, NaN where nothing was reported or expected. Valid only during the call.
 */
export interface LanePeriod {
  readonly lane: LaneSpec;
  readonly periodStartMs: number;
  readonly objectIds: readonly string[];
  readonly values: Float32Array;
  readonly expected: Float32Array;
  readonly lo: Float32Array;
  readonly hi: Float32Array;
}

/** Told of every released period, in order. */
export type PeriodObserver = (period: LanePeriod) => void;
