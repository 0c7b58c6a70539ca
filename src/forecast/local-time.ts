import { IANAZone } from 'luxon';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const MOST_KEPT = 200_000;

/**
 * Local time of one zone. Offsets are looked up once a UTC day, and once a quarter hour on the days on
 * which the clocks change: no zone changes within a quarter hour, or twice a day.
 */
export class LocalTime {
  readonly #zone: IANAZone;
  /** by UTC day; undefined where it changes within the day */
  readonly #days = new Map<number, number | undefined>();
  readonly #quarters = new Map<number, number>();

  /** @throws RangeError when `name` is no IANA zone */
  constructor(name: string) {
    this.#zone = IANAZone.create(name);
    if (!this.#zone.isValid)
      throw new RangeError(
        `zone "${name}" is unknown: allowed are IANA names such as Europe/Paris`,
      );
  }

  /** What a clock on the wall shows, as ms since 1970-01-01 00:00 there. @param atMs epoch ms */
  at(atMs: number): number {
    return atMs + (this.#ofDay(Math.floor(atMs / DAY_MS)) ?? this.#ofQuarter(atMs));
  }

  #ofDay(day: number): number | undefined {
    const known = this.#days.get(day);
    if (known !== undefined || this.#days.has(day)) return known;
    const first = this.#offset(day * DAY_MS);
    const last = this.#offset((day + 1) * DAY_MS - QUARTER_MS);
    const offset = first === last ? first : undefined;
    if (this.#days.size >= MOST_KEPT) this.#days.clear();
    this.#days.set(day, offset);
    return offset;
  }

  #ofQuarter(atMs: number): number {
    const quarter = Math.floor(atMs / QUARTER_MS);
    let offset = this.#quarters.get(quarter);
    if (offset === undefined) {
      offset = this.#offset(quarter * QUARTER_MS);
      if (this.#quarters.size >= MOST_KEPT) this.#quarters.clear();
      this.#quarters.set(quarter, offset);
    }
    return offset;
  }

  #offset(atMs: number): number {
    return this.#zone.offset(atMs) * MINUTE_MS;
  }
}
