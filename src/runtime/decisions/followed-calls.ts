import type { CallForecaster, CallHistoryReading } from './ports.js';

type Change = (forecaster: CallForecaster) => void;

/**
 * The forecaster that decisions use, and the one that is being read back from the stored calls beside
 * them. What changes meanwhile is kept and told once it is read: it then knows what one that was read
 * at once would know, whenever that is.
 */
export class FollowedCalls {
  #forecaster: CallForecaster | undefined;
  #reading: CallHistoryReading | undefined;
  #read: CallForecaster | undefined;
  #failure: { readonly error: unknown } | undefined;
  #missed: Change[] = [];
  #signal: AbortSignal | undefined;

  /** Begins anew with what is being read; what was in use or being read before is given up. */
  begin(reading: CallHistoryReading): void {
    this.#reading?.stop();
    this.#reading = reading;
    this.#forecaster = undefined;
    this.#read = undefined;
    this.#failure = undefined;
    this.#missed = [];
    const ifStillWanted = (settle: () => void) => {
      if (this.#reading === reading) settle();
    };
    reading.loaded.then(
      (forecaster) => ifStillWanted(() => (this.#read = forecaster)),
      (error: unknown) => ifStillWanted(() => (this.#failure = { error })),
    );
  }

  /** Stops reading when the signal comes. */
  endWith(signal: AbortSignal): void {
    if (signal === this.#signal) return;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#reading?.stop(), { once: true });
  }

  /** Uses what has been read since. @throws whatever reading failed with */
  take(): void {
    if (this.#failure) throw this.#failure.error;
    const read = this.#read;
    if (!read) return;
    this.#read = undefined;
    this.#forecaster = read;
    for (const change of this.#missed) change(read);
    this.#missed = [];
  }

  /** Tells the forecaster of a change, now or once it is read. */
  tell(change: Change): void {
    if (this.#forecaster) change(this.#forecaster);
    else this.#missed.push(change);
  }

  /** The forecaster, if it can forecast now without anybody waiting; else it goes on learning. */
  ready(nowMs: number): CallForecaster | undefined {
    return this.#forecaster?.prepare(nowMs) === true ? this.#forecaster : undefined;
  }
}
