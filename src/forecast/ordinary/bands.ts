import { Calibration } from './calibration.js';
import { ErrorScale, type ScoredDay } from './error-scale.js';

/** Days that spreads are learnt from. */
const WINDOW_DAYS = 84;

/** How far calls lie from the forecast: the spread by interval, and how far each level is from it. */
export class Bands {
  readonly #columns: number;
  readonly #calibration = new Calibration();
  readonly #days: ScoredDay[] = [];
  #scale: ErrorScale;
  #distances: readonly number[];

  constructor(columns: number) {
    this.#columns = columns;
    this.#scale = new ErrorScale([], columns);
    this.#distances = this.#calibration.distances([]);
  }

  /** For each of `LEVELS` the distance from the centre in units of the scale, never falling. */
  get distances(): readonly number[] {
    return this.#distances;
  }

  /** Standard deviation by interval. @param centre on the stabilised scale, NaN where none */
  scale(centre: Float64Array): Float64Array {
    return centre.map((value, i) => this.#scale.at(i, value || 0));
  }

  /** Errors in units of the scale: of one day, NaN where there is none. */
  standardised({ centre, error }: ScoredDay): Float64Array {
    return error.map((each, i) => each / this.#scale.at(i, centre[i] || 0));
  }

  /** Takes in a day's errors. */
  score(day: ScoredDay): void {
    this.#calibration.score(this.#distances, this.standardised(day));
    this.#days.push(day);
    if (this.#days.length > WINDOW_DAYS) this.#days.shift();
    this.#scale = new ErrorScale(this.#days, this.#columns);
    this.#distances = this.#calibration.distances(this.standardisedDays());
  }

  /** The window's days in units of the present scale. */
  standardisedDays(): Float64Array[] {
    return this.#days.map((day) => this.standardised(day));
  }
}
