/** Days back that tell when a queue is open. */
const WINDOW_DAYS = 35;
/** With less of a history nobody knows yet which weekdays are closed. */
const FULL_WEEKS_DAYS = 14;
const DAY_TYPES = 8;
const SUNDAY = 0;
const HOLIDAY = 7;

/**
 * When a queue is open, by day type: an interval is, when one of the last five weeks' days of that
 * type had data for it. A holiday is like earlier holidays, or a Sunday where there were none.
 */
export class OpeningHours {
  readonly #columns: number;
  /** day number of the last data by type and interval */
  readonly #lastSeen: readonly Float64Array[];
  readonly #lastOpen = new Float64Array(DAY_TYPES).fill(Number.NEGATIVE_INFINITY);
  #firstDay = Number.NaN;
  #lastDay = Number.NEGATIVE_INFINITY;

  constructor(columns: number) {
    this.#columns = columns;
    this.#lastSeen = Array.from({ length: DAY_TYPES }, () =>
      new Float64Array(columns).fill(Number.NEGATIVE_INFINITY),
    );
  }

  /** Last day with data; minus infinity before the first. */
  get lastDay(): number {
    return this.#lastDay;
  }

  learn(dayNumber: number, dayType: number, row: Float64Array): void {
    if (Number.isNaN(this.#firstDay)) this.#firstDay = dayNumber;
    const seen = this.#lastSeen[dayType];
    for (const [i, value] of row.entries()) {
      if (seen && !Number.isNaN(value)) seen[i] = dayNumber;
    }
    if (row.every(Number.isNaN)) return;
    this.#lastOpen[dayType] = dayNumber;
    this.#lastDay = dayNumber;
  }

  isOpen(dayNumber: number, dayType: number): boolean {
    const known = this.#knownType(dayType);
    if (this.#isNew) return true;
    return this.#isRecent(this.#lastOpen[known] ?? Number.NEGATIVE_INFINITY, dayNumber, known);
  }

  /** By interval. */
  hours(dayNumber: number, dayType: number): boolean[] {
    const known = this.#knownType(dayType);
    const never = !Number.isFinite(this.#lastOpen[known] ?? Number.NEGATIVE_INFINITY);
    return Array.from({ length: this.#columns }, (_, i) => {
      if (this.#isNew && never)
        return this.#lastSeen.some((seen) => Number.isFinite(seen[i] ?? Number.NEGATIVE_INFINITY));
      const seen = this.#lastSeen[known]?.[i] ?? Number.NEGATIVE_INFINITY;
      return this.#isRecent(seen, dayNumber, known);
    });
  }

  get #isNew(): boolean {
    return !(this.#lastDay - this.#firstDay >= FULL_WEEKS_DAYS);
  }

  #knownType(dayType: number): number {
    const isUnseen = !Number.isFinite(this.#lastOpen[HOLIDAY] ?? Number.NEGATIVE_INFINITY);
    return dayType === HOLIDAY && isUnseen ? SUNDAY : dayType;
  }

  /** Holidays are too rare to be forgotten. A silent feed is no closing, so the last day counts. */
  #isRecent(seenDay: number, dayNumber: number, dayType: number): boolean {
    if (dayType === HOLIDAY) return Number.isFinite(seenDay);
    return Math.min(dayNumber, this.#lastDay + 7) - seenDay <= WINDOW_DAYS;
  }
}
