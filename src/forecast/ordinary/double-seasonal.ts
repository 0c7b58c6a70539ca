import type { DayAhead, Member, PastDay } from './member.js';
import { FIRST_SMOOTHING, Smoothing, type SmoothingSettings } from './smoothing.js';

const CHOICES: { readonly [key in keyof SmoothingSettings]: readonly number[] } = {
  weekly: [0.02, 0.06, 0.15, 0.3],
  level: [0.001, 0.003, 0.01, 0.03],
  daily: [0.01, 0.03, 0.08, 0.2],
  memory: [0, 0.4, 0.7],
};
const KEYS = ['weekly', 'level', 'daily', 'memory'] as const;
const ROUNDS = 2;
const TUNED_ON_DAYS = 250;
const RETUNE_DAYS = 28;

/**
 * Exponential smoothing with a daily and a weekly season (Taylor, J. Oper. Res. Soc. 2003). Its
 * shares are those with the least squared error an interval ahead, sought again every four weeks.
 */
export class DoubleSeasonal implements Member {
  readonly name = 'doubleSeasonal';
  readonly #columns: number;
  readonly #days: PastDay[] = [];
  #settings = FIRST_SMOOTHING;
  #state: Smoothing;
  #sinceTuned = 0;

  constructor(columns: number) {
    this.#columns = columns;
    this.#state = new Smoothing(columns, FIRST_SMOOTHING);
  }

  learn(day: PastDay): void {
    this.#days.push(day);
    if (this.#days.length > TUNED_ON_DAYS) this.#days.shift();
    this.#state.learn(day);
    this.#sinceTuned++;
  }

  forecast({ dayType }: DayAhead): Float64Array {
    if (this.#sinceTuned >= RETUNE_DAYS) this.#tune();
    return this.#state.forecast(dayType);
  }

  #tune(): void {
    this.#sinceTuned = 0;
    this.#state = this.#run(this.#settings);
    for (let round = 0; round < ROUNDS; round++) {
      for (const key of KEYS) for (const value of CHOICES[key]) this.#try({ [key]: value });
    }
  }

  #try(change: Partial<SmoothingSettings>): void {
    const settings = { ...this.#settings, ...change };
    const state = this.#run(settings);
    if (state.squaredErrors >= this.#state.squaredErrors) return;
    this.#state = state;
    this.#settings = settings;
  }

  #run(settings: SmoothingSettings): Smoothing {
    const state = new Smoothing(this.#columns, settings);
    for (const day of this.#days) state.learn(day);
    return state;
  }
}
