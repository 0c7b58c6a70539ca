import type { ObjectType } from './ids.js';

/**
 * - `deviation`: a KPI outside its band
 * - `zeroTraffic`: reports arrive, traffic that is always there at this hour is gone
 * - `silence`: an expected report is absent
 * - `limit`: a hard limit of `rules/detection.yaml` is crossed
 */
export type AnomalyKind = 'deviation' | 'zeroTraffic' | 'silence' | 'limit';

/** A detector's verdict on one object and KPI, with its reason as data. Times are epoch ms. */
export interface Anomaly {
  /** derived from feed, object, KPI, kind and start */
  readonly id: string;
  readonly feed: string;
  readonly objectType: ObjectType;
  readonly objectId: string;
  /** the KPI's name; empty for `silence` */
  readonly kpi: string;
  readonly kind: AnomalyKind;
  /** start of the first period of the run that led to the verdict */
  readonly startedAtMs: number;
  /** end of the period with which the verdict was reached */
  readonly detectedAtMs: number;
  /** end of the last bad period; null while it lasts */
  readonly endedAtMs: number | null;
  readonly observed: number | null;
  readonly expected: number | null;
  readonly band: { readonly lo: number; readonly hi: number } | null;
  /**
   * One minus the probability that chance alone did it, in [0,1): -ln(1 - score) are the nats of
   * evidence, calibrated on the healthy past, hence comparable over KPIs and feeds.
   */
  readonly score: number;
  /** share of the service lost, in [0,1]: 1 for silence and zero traffic */
  readonly degree: number;
  /** one sentence for people */
  readonly reason: string;
  /** it ended since it is taken for the new normal: it lasted, or an operator says so */
  readonly accepted?: 'lasting' | 'operator';
}

/** What detect hands to correlate, in order of `atMs`. */
export type DetectEvent =
  | {
      readonly type: 'raised' | 'updated' | 'cleared';
      readonly atMs: number;
      readonly anomaly: Anomaly;
    }
  /** an object reported for the first time, hence counts as healthy until an anomaly says otherwise */
  | {
      readonly type: 'observed';
      readonly atMs: number;
      readonly feed: string;
      readonly objectType: ObjectType;
      readonly objectId: string;
    }
  /** a neighbour carries clearly more than expected: evidence for an outage next door */
  | {
      readonly type: 'surplus';
      readonly atMs: number;
      readonly untilMs: number;
      readonly objectId: string;
      readonly ratio: number;
    }
  /**
   * while objects fall silent: one that reports carries more than expected, be it little; `z` is in
   * robust standard deviations, the mean over its traffic KPIs
   */
  | {
      readonly type: 'rise';
      readonly atMs: number;
      readonly objectId: string;
      readonly z: number;
      /** observed over expected, the mean over its traffic KPIs */
      readonly ratio?: number;
    };
