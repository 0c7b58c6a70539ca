import Holidays from 'date-holidays';
import type { HolidayCalendar } from '../../forecast/ordinary/ports.js';
import type { HolidayRules } from '../../forecast/rules.js';

const DAY_MS = 86_400_000;

/** Public holidays of a country and region, with an operator's own days, worked out year by year. */
export class RuledHolidays implements HolidayCalendar {
  readonly #known: Holidays | undefined;
  readonly #added: readonly string[];
  readonly #except: ReadonlySet<string>;
  readonly #years = new Map<number, readonly number[]>();

  /** @param rules as `checkHolidays` has found them to be right */
  constructor({ country, region, dates, except }: HolidayRules) {
    if (country !== null)
      this.#known = region === null ? new Holidays(country) : new Holidays(country, region);
    this.#added = dates;
    this.#except = new Set(except);
  }

  between(firstDay: number, lastDay: number): readonly number[] {
    const days: number[] = [];
    for (let year = yearOf(firstDay); year <= yearOf(lastDay); year++) days.push(...this.#in(year));
    return days.filter((day) => day >= firstDay && day <= lastDay);
  }

  #in(year: number): readonly number[] {
    const found = this.#years.get(year);
    if (found !== undefined) return found;
    const own = this.#added.filter((date) => date.startsWith(`${year}-`));
    const dates = [...publicDates(this.#known, year), ...own];
    const days = [...new Set(dates.filter((date) => !this.#except.has(date)).map(dayOf))];
    days.sort((a, b) => a - b);
    this.#years.set(year, days);
    return days;
  }
}

/** What a schema cannot say of `holidays`: an unknown country or region, a day that no month has. */
export function checkHolidays({ country, region, dates, except }: HolidayRules) {
  const found: { path: readonly string[]; message: string }[] = [];
  const complain = (key: string, message: string): void => {
    found.push({ path: ['holidays', key], message });
  };
  const countries = new Holidays().getCountries();
  const regions = country === null ? {} : (new Holidays().getStates(country) ?? {});
  if (country !== null && !Object.hasOwn(countries, country)) {
    complain('country', `was ${country}, allowed: null or ${Object.keys(countries).join(', ')}`);
  } else if (region !== null && !Object.hasOwn(regions, region)) {
    const allowed = ['null', ...Object.keys(regions)].join(', ');
    complain('region', `was ${region}, allowed for ${country}: ${allowed}`);
  }
  for (const [key, list] of Object.entries({ dates, except })) {
    const wrong = list.find((date) => !isDate(date));
    if (wrong !== undefined) complain(key, `holds ${wrong}, allowed: days such as 2026-12-24`);
  }
  return found;
}

function publicDates(known: Holidays | undefined, year: number): string[] {
  return (known?.getHolidays(year) ?? [])
    .filter(({ type }) => type === 'public')
    .map(({ date }) => date.slice(0, 10));
}

function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}

function dayOf(date: string): number {
  return Date.parse(date) / DAY_MS;
}

function isDate(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
