import type { PastDay } from './member.js';

/** Smoothing shares, 0 to 1, and how much of an error is left an interval later. */
export interface SmoothingSettings {
  readonly level: number;
  readonly daily: number;
  readonly weekly: number;
  readonly memory: number;
}

export const FIRST_SMOOTHING: SmoothingSettings = {
  level: 0.01,
  daily: 0.05,
  weekly: 0.15,
  memory: 0.4,
};

const DAY_TYPES = 8;
/** Errors of the first two weeks say nothing of the shares. */
const WARM_UP_DAYS = 14;

/** State of a smoothing with a daily and a weekly season, additive on the stabilised scale. */
export class Smoothing {
  readonly #settings: SmoothingSettings;
  readonly #daily: Float64Array;
  readonly #days: Int32Array;
  readonly #weekly: readonly Float64Array[];
  readonly #weeks: readonly Int32Array[];
  #level = 0;
  #seen = 0;
  #learnt = 0;
  #error = 0;
  #squares = 0;

  constructor(columns: number, settings: SmoothingSettings) {
    this.#settings = settings;
    this.#daily = new Float64Array(columns);
    this.#days = new Int32Array(columns);
    this.#weekly = Array.from({ length: DAY_TYPES }, () => new Float64Array(columns));
    this.#weeks = Array.from({ length: DAY_TYPES }, () => new Int32Array(columns));
  }

  /** Sum of squared errors an interval ahead. */
  get squaredErrors(): number {
    return this.#squares;
  }

  /** Without what is left of the last error: by the next day it is nothing. */
  forecast(dayType: number): Float64Array {
    const weekly = this.#weekly[dayType];
    return this.#daily.map((daily, i) =>
      (this.#days[i] ?? 0) > 0 ? this.#level + daily + (weekly?.[i] ?? 0) : Number.NaN,
    );
  }

  learn({ dayType, row }: PastDay): void {
    const weekly = this.#weekly[dayType] ?? new Float64Array();
    const weeks = this.#weeks[dayType] ?? new Int32Array();
    for (const [i, value] of row.entries()) {
      if (Number.isNaN(value)) continue;
      const error = value - this.#level - (this.#daily[i] ?? 0) - (weekly[i] ?? 0);
      if (this.#learnt >= WARM_UP_DAYS) {
        this.#squares += (error - this.#settings.memory * this.#error) ** 2;
      }
      this.#correct(i, error, weekly, weeks);
    }
    this.#learnt++;
  }

  /** Shares are greater while a state has seen little, as in a mean. */
  #correct(i: number, error: number, weekly: Float64Array, weeks: Int32Array): void {
    const { level, daily, weekly: share } = this.#settings;
    const ofDay = (this.#days[i] ?? 0) + 1;
    const ofWeek = (weeks[i] ?? 0) + 1;
    this.#seen++;
    this.#days[i] = ofDay;
    weeks[i] = ofWeek;
    this.#level += Math.max(level, 1 / this.#seen) * error;
    this.#daily[i] = (this.#daily[i] ?? 0) + Math.max(daily, 1 / (ofDay + 1)) * error;
    // A first week is shared between the day's season and the week's.
    weekly[i] = (weekly[i] ?? 0) + Math.max(share, 0.5 / (ofWeek + 1)) * error;
    this.#error = error;
  }
}
