import { DateTime, IANAZone } from 'luxon';

/**
 * Parts of the week for which it is learnt where somebody usually is, with the numbers that
 * `usual_cells.part` holds. By local time of the cell: on working days night is 0 to 6, morning 6 to
 * 10, day 10 to 17, evening 17 to 24; on days of rest (Saturday, Sunday) night is 0 to 8 and day the
 * rest. Changing a boundary or a number makes what was learnt wrong.
 */
export const DAY_PARTS = {
  /** declared, not learnt: holds at any time for which nothing is learnt of the person */
  any: 0,
  workNight: 1,
  workMorning: 2,
  workDay: 3,
  workEvening: 4,
  restNight: 5,
  restDay: 6,
} as const;

/** One of `DAY_PARTS`. */
export type DayPart = (typeof DAY_PARTS)[keyof typeof DAY_PARTS];

const QUARTER_MS = 900_000;

/**
 * The part of the week at a local time.
 * @param weekday ISO weekday, 1 = Monday to 7 = Sunday
 * @param hour local hour of day, 0 to 23
 */
export function dayPart(weekday: number, hour: number): DayPart {
  if (weekday >= 6) return hour < 8 ? DAY_PARTS.restNight : DAY_PARTS.restDay;
  if (hour < 6) return DAY_PARTS.workNight;
  if (hour < 10) return DAY_PARTS.workMorning;
  return hour < 17 ? DAY_PARTS.workDay : DAY_PARTS.workEvening;
}

/** Parts of the week by one zone's local time, daylight saving included. */
export class DayPartClock {
  readonly #zone: IANAZone;
  #quarter = Number.NaN;
  #part: DayPart = DAY_PARTS.any;

  /** @throws RangeError when the zone is unknown */
  constructor(zone: string) {
    if (!IANAZone.isValidZone(zone)) throw new RangeError(`unknown time zone "${zone}"`);
    this.#zone = IANAZone.create(zone);
  }

  /** The part at a moment; the latest quarter hour asked for is remembered. @param atMs epoch ms */
  at(atMs: number): DayPart {
    const quarter = Math.floor(atMs / QUARTER_MS);
    if (quarter !== this.#quarter) {
      const { weekday, hour } = DateTime.fromMillis(quarter * QUARTER_MS, { zone: this.#zone });
      this.#quarter = quarter;
      this.#part = dayPart(weekday, hour);
    }
    return this.#part;
  }
}
