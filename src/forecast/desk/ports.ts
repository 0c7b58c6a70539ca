import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { News, UnaddressedNews } from '../../domain/news.js';

/** Decides on alerts in the deciding transaction. `Tx` is the adapter's handle of it. */
export interface SurgeDesk<Tx> {
  /** Looks at a forecast just made; writes what is to be told, and tells nobody itself. */
  watch(tx: Tx, intervals: readonly IntervalForecast[], nowMs: number): Promise<void>;
}

/** A delivery that a worker has claimed. */
export interface ClaimedDelivery {
  readonly deliveryId: string;
  readonly recipient: string;
  readonly news: UnaddressedNews;
  /** how often it was claimed, this time included */
  readonly attempts: number;
  /** wall time of the decision, epoch ms */
  readonly createdAtMs: number;
}

/** What came of an attempt that needs no other one; an attempt to be repeated throws. */
export type DeliveryOutcome =
  | { readonly status: 'sent' }
  /** the other side will never take it */
  | { readonly status: 'refused'; readonly reason: string };

/** The durable list of deliveries. */
export interface DeliveryQueue {
  /**
   * Takes deliveries that are due, oldest first, each for `leaseMs`. First settles those that have
   * lost their sense: news of what is over before it was told, its end to somebody who was not told.
   * While messages are stopped none that goes to a partner is taken.
   */
  claim(limit: number, leaseMs: number): Promise<ClaimedDelivery[]>;
  settle(delivery: ClaimedDelivery, outcome: DeliveryOutcome): Promise<void>;
  /** Gives it back to be tried again after `waitMs`. */
  postpone(delivery: ClaimedDelivery, reason: string, waitMs: number): Promise<void>;
  /** Recipients whose newest news has not reached them although it was tried, with the reason. */
  trouble(): Promise<readonly { readonly recipient: string; readonly reason: string }[]>;
}

/** One way to reach recipients. */
export interface DeskChannel {
  /** @throws TocsinError `unavailable.desk` when trying again may help */
  deliver(news: News): Promise<DeliveryOutcome>;
  close(): void;
}
