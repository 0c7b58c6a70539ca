import { DateTime } from 'luxon';

/** Length of a telemetry period. */
export const PERIOD_MS = 900_000;
/** Periods in a day without a change of the clock. */
export const QUARTERS = 96;

/** Kinds of day that traffic and calls differ by. */
export type DayKind = 'weekday' | 'saturday' | 'sunday';

/** A moment on the clocks of the region. */
export interface LocalMoment {
  /** quarter of the local day, 0 to 95 */
  readonly quarter: number;
  readonly dayKind: DayKind;
  /** 1 is Monday */
  readonly weekday: number;
  /** days since 1970-01-01 on the local calendar */
  readonly day: number;
  /** how far into summer: 0 outside June to September, 1 in early August */
  readonly summer: number;
}

/** Easter Sunday of a year as [month, day] (Meeus, Jones, Butcher). */
function easter(year: number): DateTime {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - (b >> 2) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * (c >> 2) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return DateTime.utc(year, month, day);
}

/** Public holidays of metropolitan France, local dates `YYYY-MM-DD`, ascending. */
export function frenchHolidays(year: number): string[] {
  const fixed = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
  const moving = [1, 39, 50].map((days) => easter(year).plus({ days }).toISODate() ?? '');
  return [...fixed.map((date) => `${year}-${date}`), ...moving].sort();
}

const holidaySets = new Map<number, ReadonlySet<string>>();

function isHoliday(local: DateTime): boolean {
  let holidays = holidaySets.get(local.year);
  if (holidays === undefined) {
    holidays = new Set(frenchHolidays(local.year));
    holidaySets.set(local.year, holidays);
  }
  return holidays.has(local.toISODate() ?? '');
}

const MOMENTS_KEPT = 4_096;
const moments = new Map<string, Map<number, LocalMoment>>();

/** What the clocks and the calendar say in that quarter hour; a holiday counts as a Sunday. */
export function localMoment(ms: number, zone: string): LocalMoment {
  let known = moments.get(zone);
  if (known === undefined || known.size >= MOMENTS_KEPT) {
    known = new Map();
    moments.set(zone, known);
  }
  const quarter = Math.floor(ms / PERIOD_MS);
  let moment = known.get(quarter);
  if (moment === undefined) {
    moment = readMoment(quarter * PERIOD_MS, zone);
    known.set(quarter, moment);
  }
  return moment;
}

function readMoment(ms: number, zone: string): LocalMoment {
  const local = DateTime.fromMillis(ms, { zone });
  const isSunday = local.weekday === 7 || isHoliday(local);
  const dayOfYear = local.ordinal + local.hour / 24;
  return {
    quarter: local.hour * 4 + Math.floor(local.minute / 15),
    dayKind: isSunday ? 'sunday' : local.weekday === 6 ? 'saturday' : 'weekday',
    weekday: local.weekday,
    day: Math.floor((ms + local.offset * 60_000) / 86_400_000),
    summer: Math.exp(-(((dayOfYear - 217) / 28) ** 2)),
  };
}
