import { describe, expect, it } from 'vitest';
import { checkHolidays, RuledHolidays } from '../../../src/adapters/rules/holiday-calendar.js';

const DAY_MS = 86_400_000;
const none = { country: null, region: null, dates: [], except: [] };
const day = (date: string): number => Date.parse(date) / DAY_MS;
const dates = (days: readonly number[]): string[] =>
  days.map((each) => new Date(each * DAY_MS).toISOString().slice(0, 10));

describe('holidays of the rules', () => {
  it('are those that the law of the country has (code du travail, article L3133-1)', () => {
    const found = new RuledHolidays({ ...none, country: 'FR' });
    expect(dates(found.between(day('2026-01-01'), day('2026-12-31')))).toEqual([
      '2026-01-01',
      '2026-04-06',
      '2026-05-01',
      '2026-05-08',
      '2026-05-14',
      '2026-05-25',
      '2026-07-14',
      '2026-08-15',
      '2026-11-01',
      '2026-11-11',
      '2026-12-25',
    ]);
  });

  it('follow the region, add own days, leave out those that are worked, across the turn of a year', () => {
    const found = new RuledHolidays({
      country: 'DE',
      region: 'BY',
      dates: ['2026-12-24', '2026-12-25'],
      except: ['2027-01-01'],
    });
    expect(dates(found.between(day('2026-12-24'), day('2027-01-06')))).toEqual([
      '2026-12-24',
      '2026-12-25',
      '2026-12-26',
      '2027-01-06',
    ]);
  });

  it('are only own days without a country', () => {
    const found = new RuledHolidays({ ...none, dates: ['2026-07-01'] });
    expect(dates(found.between(day('2026-01-01'), day('2026-12-31')))).toEqual(['2026-07-01']);
  });

  it.each([
    ['an unknown country', { country: 'XX' }, 'country', /was XX, allowed: null or .*FR/],
    ['an unknown region', { country: 'DE', region: 'ZZ' }, 'region', /for DE: null, .*BY/],
    ['a region without a country', { region: 'BY' }, 'region', /was BY/],
    ['a day that no month has', { dates: ['2026-02-30'] }, 'dates', /2026-02-30.*2026-12-24/],
  ])('refuse %s, saying what is allowed', (_, given, key, message) => {
    const [complaint, ...others] = checkHolidays({ ...none, ...given });
    expect(complaint?.path).toEqual(['holidays', key]);
    expect(complaint?.message).toMatch(message);
    expect(others).toEqual([]);
  });
});
