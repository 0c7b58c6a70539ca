import { IANAZone } from 'luxon';
import type { CompiledFeed } from './compiled-feed.js';
import type { LiveLimits, RejectReason } from './decode.js';

const MAX_FUTURE_SECONDS = 600;
/** Nine months: clearly less than the year by which a clock that was never set is off. */
const MAX_AGE_SECONDS = 270 * 86_400;
/** ECMAScript's last moment; beyond it no date can be made. */
const LAST_MOMENT_MS = 8.64e15;

/** Which period a time belongs to, and whether a live feed may still, or already, speak of it. */
export class PeriodClock {
  readonly #periodMs: number;
  readonly #marksEnd: boolean;
  readonly #zone: IANAZone;
  readonly #live: LiveLimits | undefined;
  /** reports of one period come together: the last answer mostly fits the next question */
  #lastMs = Number.NaN;
  #lastStart = Number.NaN;

  constructor(feed: CompiledFeed, live: LiveLimits | undefined) {
    this.#periodMs = (feed.lane?.periodSeconds ?? 0) * 1000;
    this.#marksEnd = feed.feed.time?.marks === 'end';
    this.#zone = IANAZone.create(feed.feed.time?.zone ?? 'UTC');
    this.#live = live;
  }

  /** @returns why the time is refused, undefined when it is not */
  check(timeMs: number): { reason: RejectReason; allowed: string } | undefined {
    if (!(Math.abs(timeMs) <= LAST_MOMENT_MS)) {
      return { reason: 'time.unreadable', allowed: "allowed is the feed's time.format" };
    }
    if (this.#live === undefined) return undefined;
    const { maxFutureSeconds = MAX_FUTURE_SECONDS, maxAgeSeconds = MAX_AGE_SECONDS } = this.#live;
    const ahead = timeMs - this.#live.now();
    if (ahead > maxFutureSeconds * 1000) {
      return {
        reason: 'time.future',
        allowed: `that is ${new Date(timeMs).toISOString()}; at most ${maxFutureSeconds} s ahead is allowed`,
      };
    }
    if (-ahead > maxAgeSeconds * 1000) {
      return {
        reason: 'time.tooOld',
        allowed: `that is ${new Date(timeMs).toISOString()}; at most ${Math.round(maxAgeSeconds / 86_400)} days ago is allowed`,
      };
    }
    return undefined;
  }

  /**
   * Start of the period that a report's time names. Periods lie on the grid of local time, which is
   * that of UTC but for zones at half and quarter hours, and for days.
   */
  periodStart(timeMs: number): number {
    if (timeMs === this.#lastMs) return this.#lastStart;
    this.#lastMs = timeMs;
    this.#lastStart = this.#startOf(timeMs);
    return this.#lastStart;
  }

  #startOf(timeMs: number): number {
    const start = this.#marksEnd ? timeMs - this.#periodMs : timeMs;
    if (this.#periodMs === 0 || start % this.#periodMs === 0) return start;
    const offset = this.#zone.offset(start) * 60_000;
    return Math.floor((start + offset) / this.#periodMs) * this.#periodMs - offset;
  }
}
