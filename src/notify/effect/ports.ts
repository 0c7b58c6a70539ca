import type { EffectEstimate } from '../../domain/effect.js';
import type { ComplaintCounts } from './complaint-loop.js';
import type { ObservedEffect } from './estimate.js';

/** The effect of one wave, as it was measured. */
export interface MeasuredEffect {
  readonly incidentId: string;
  /** network time, epoch ms */
  readonly endedAtMs: number;
  readonly observed: ObservedEffect;
  readonly estimate: EffectEstimate;
}

/** What a month's messages took. */
export interface MonthSpent {
  readonly segments: number;
}

/** Where effects are measured and kept. Times are network time, epoch ms. */
export interface EffectStore {
  /**
   * Measures the next waves whose incident ended long enough ago; one that is measured stays so.
   * @returns how many
   */
  measureEnded(nowMs: number, untilMinutes: number): Promise<number>;
  /** Those whose incident ended within the span, oldest first. */
  measured(sinceMs: number, untilMs: number): Promise<MeasuredEffect[]>;
  /** What came back of messages within the last hours of wall time. */
  complaints(hours: number): Promise<ComplaintCounts>;
  /** Keeps what the forecast goes by from now on; undefined: nothing is measurable. */
  learn(effect: EffectEstimate | undefined): Promise<void>;
  /** @param month and `next`: first days, ISO 8601 */
  monthSpent(month: string, next: string): Promise<MonthSpent>;
}
