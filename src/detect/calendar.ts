/** Kinds of day that have a profile of their own. */
export type DayKind = 0 | 1 | 2;

/** Where a period lies in the local season. */
export interface Season {
  /** by the local date of the middle: 0 = working day, 1 = first day or days of the weekend,
   * 2 = last day of the weekend, or holiday */
  readonly kind: DayKind;
  readonly isHoliday: boolean;
  /** the two hour knots (0 to 23) the middle of the period lies between, at half past the hour */
  readonly knot0: number;
  readonly knot1: number;
  /** weight of `knot1` in [0,1); `knot0` has the rest */
  readonly weight1: number;
  /** block of three hours, 0 to 7 */
  readonly block: number;
  /** local hour of day, 0 to 23 */
  readonly hour: number;
  /** the clock shows for the second time what it showed an hour before: clocks went back */
  readonly isSecondRun: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** clocks go back by less than this at once */
const LOOK_AROUND_MS = 3 * HOUR_MS;

/**
 * Local time of a zone: hour of day and kind of day, daylight saving included. Offsets are looked
 * up once per quarter hour and remembered for the latest one.
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  readonly #holidays: ReadonlySet<string>;
  readonly #weekend: readonly number[];
  #quarter = Number.NaN;
  #offsetMs = 0;

  /**
   * @param zone IANA name
   * @param weekend ISO weekdays, 1 = Monday to 7 = Sunday, in their order
   * @param holidays local dates `YYYY-MM-DD`
   * @throws RangeError when the zone is unknown
   */
  constructor(zone: string, weekend: readonly number[], holidays: readonly string[]) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    this.#weekend = weekend;
    this.#holidays = new Set(holidays);
  }

  /** @returns local time minus UTC in ms at that moment */
  offsetMs(atMs: number): number {
    const quarter = Math.floor(atMs / 900_000);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      const whole = quarter * 900_000;
      const part: Record<string, number> = {};
      for (const { type, value } of this.#format.formatToParts(new Date(whole))) {
        part[type] = Number(value);
      }
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
      this.#offsetMs = Date.UTC(year, month - 1, day, hour, minute, second) - whole;
    }
    return this.#offsetMs;
  }

  /** @returns the season of the period that begins at `startMs` */
  season(startMs: number, periodMs: number): Season {
    const middleMs = startMs + periodMs / 2;
    const localMs = middleMs + this.offsetMs(middleMs);
    const dayStart = Math.floor(localMs / DAY_MS) * DAY_MS;
    const hours = (localMs - dayStart) / HOUR_MS;
    const position = (hours + 23.5) % 24;
    const knot0 = Math.floor(position) % 24;
    const weekday = ((Math.floor(dayStart / DAY_MS) + 3) % 7) + 1;
    const date = new Date(dayStart).toISOString().slice(0, 10);
    const isHoliday = this.#holidays.has(date);
    return {
      kind: this.#kindOf(weekday, isHoliday),
      isHoliday,
      knot0,
      knot1: (knot0 + 1) % 24,
      weight1: position - Math.floor(position),
      block: Math.floor(hours / 3),
      hour: Math.floor(hours),
      isSecondRun: this.#sinceClockSaidSo(middleMs) > 0,
    };
  }

  /**
   * When the clock shows the same once more, as it does for the hour before clocks go back.
   * @returns ms from the first time to the second; 0 where there is no second one
   */
  untilClockSaysSo(atMs: number): number {
    const back = this.offsetMs(atMs) - this.offsetMs(atMs + LOOK_AROUND_MS);
    return back > 0 && this.#sinceClockSaidSo(atMs + back) === back ? back : 0;
  }

  /** Time since the clock showed the same, 0 when it is the first time. */
  #sinceClockSaidSo(atMs: number): number {
    const now = this.offsetMs(atMs);
    const back = this.offsetMs(atMs - LOOK_AROUND_MS) - now;
    return back > 0 && this.offsetMs(atMs - back) > now ? back : 0;
  }

  #kindOf(weekday: number, isHoliday: boolean): DayKind {
    if (isHoliday || weekday === this.#weekend.at(-1)) return 2;
    return this.#weekend.includes(weekday) ? 1 : 0;
  }
}
