/**
 * A sender's throughput as a bucket that fills by the second: nothing is handed over that the sender
 * could not send within about a second, so that a changed mind still counts.
 */
export class SegmentBudget {
  readonly #perSecond: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAtMs: number;

  /**
   * @param segmentsPerSecond what the sender can do, above 0
   * @param nowMs a monotonic clock's reading, here and below
   */
  constructor(segmentsPerSecond: number, nowMs: number) {
    this.#perSecond = segmentsPerSecond;
    this.#capacity = Math.max(1, segmentsPerSecond);
    this.#tokens = this.#capacity;
    this.#filledAtMs = nowMs;
  }

  /** Whole segments that may leave now; below 1 after a long text was let through. */
  available(nowMs: number): number {
    const seconds = Math.max(0, nowMs - this.#filledAtMs) / 1000;
    this.#tokens = Math.min(this.#capacity, this.#tokens + seconds * this.#perSecond);
    this.#filledAtMs = nowMs;
    return Math.floor(this.#tokens + 1e-9);
  }

  /** Takes what left; the last text may overdraw, which the next ones wait for. */
  take(segments: number): void {
    this.#tokens -= segments;
  }

  /** @returns how long until a segment may leave */
  waitMs(nowMs: number): number {
    if (this.available(nowMs) >= 1) return 0;
    return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }
}
