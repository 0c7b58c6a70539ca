import { weekdayOf } from '../day-matrix.js';

/** What is known of a day beforehand, as numbers that a model weighs; see `DayFacts.of`. */
export type DayFeatures = Float64Array;

/** Features by group: a group's effects share how far they may lie from none. */
export type FeatureGroup = 'level' | 'weekday' | 'closure' | 'month' | 'holiday';

/** Days of the month with an effect of their own; between them it is linear. */
const KNOTS = [1, 2, 3, 5, 8, 11, 14, 16, 18, 21, 24, 27, 29, 30];
/** Wages and bills come at the turn of a month and in its middle: two shapes to begin with. */
const TURN_SPREAD_DAYS = 3;
const MIDDLE = 16;
const MIDDLE_SPREAD_DAYS = 2;
/** They may matter more than a knot: their effects reach so many times as far. */
const SHAPE_REACH = 2;

/** Group of each feature, in the order of `DayFacts.of`. */
export const FEATURE_PLAN: readonly FeatureGroup[] = [
  'level',
  ...new Array<FeatureGroup>(7).fill('weekday'),
  'closure',
  ...new Array<FeatureGroup>(KNOTS.length + 2).fill('month'),
  'holiday',
  'holiday',
];

const CLOSURE_AT = 8;
const MONTH_AT = 9;
const HOLIDAY_AT = FEATURE_PLAN.length - 2;
/** A longer closure counts as this many days. */
const LONGEST_CLOSURE = 4;
const DAY_MS = 86_400_000;

/** Facts of days: weekday, days closed before, place in the month, holidays. */
export class DayFacts {
  readonly #holidays: ReadonlySet<number>;

  /** @param holidays local day numbers, past and to come */
  constructor(holidays: ReadonlySet<number>) {
    this.#holidays = holidays;
  }

  /** Day type: 0 (Sunday) to 6, a holiday 7. */
  typeOf(dayNumber: number): number {
    return this.#holidays.has(dayNumber) ? 7 : weekdayOf(dayNumber);
  }

  /** @param dayBefore the last open day before it; undefined when none is known */
  of(dayNumber: number, dayBefore: number | undefined): DayFeatures {
    const features = new Float64Array(FEATURE_PLAN.length);
    const isHoliday = this.#holidays.has(dayNumber);
    features[0] = 1;
    features[1 + weekdayOf(dayNumber)] = isHoliday ? 0 : 1;
    const closed = dayBefore === undefined ? 0 : dayNumber - dayBefore - 1;
    features[CLOSURE_AT] = Math.log2(1 + Math.min(LONGEST_CLOSURE, Math.max(0, closed)));
    placeInMonth(dayNumber, features);
    features[HOLIDAY_AT] = isHoliday ? 1 : 0;
    features[HOLIDAY_AT + 1] = this.#holidays.has(dayNumber + 1) ? 1 : 0;
    return features;
  }
}

/** Days after the 20th count back from the end, as if every month had 30. */
function placeInMonth(dayNumber: number, features: DayFeatures): void {
  const date = new Date(dayNumber * DAY_MS);
  const ofMonth = date.getUTCDate();
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const place = ofMonth > 20 ? Math.max(20, ofMonth - length + 30) : ofMonth;
  for (const [k, knot] of KNOTS.entries()) {
    const left = KNOTS[k - 1] ?? knot - 1;
    const right = KNOTS[k + 1] ?? knot + 1;
    const share = place <= knot ? (place - left) / (knot - left) : (right - place) / (right - knot);
    features[MONTH_AT + k] = Math.max(0, share);
  }
  const fromTurn = Math.min(ofMonth - 1, length + 1 - ofMonth);
  const at = MONTH_AT + KNOTS.length;
  features[at] = SHAPE_REACH * Math.exp(-fromTurn / TURN_SPREAD_DAYS);
  features[at + 1] = SHAPE_REACH * Math.exp(-Math.abs(ofMonth - MIDDLE) / MIDDLE_SPREAD_DAYS);
}
