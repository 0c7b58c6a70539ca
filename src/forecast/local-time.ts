import { IANAZone } from 'luxon';

const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const MOST_KEPT = 200_000;

/** Local time of one zone; offsets are looked up once a quarter hour, as no zone changes in between. */
export class LocalTime {
  readonly #zone: IANAZone;
  readonly #offsets = new Map<number, number>();

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
    const quarter = Math.floor(atMs / QUARTER_MS);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = this.#zone.offset(quarter * QUARTER_MS) * MINUTE_MS;
      if (this.#offsets.size >= MOST_KEPT) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    return atMs + offset;
  }
}
