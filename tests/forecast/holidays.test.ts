import { describe, expect, it } from 'vitest';
import type { CallInterval } from '../../src/domain/facts.js';
import { Forecaster } from '../../src/forecast/forecaster.js';
import type { HolidayCalendar } from '../../src/forecast/ordinary/ports.js';
import { forecastRules } from './shipped-rules.js';

const rules = { ...forecastRules, intervalSeconds: 3600 } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const FIRST = '2026-02-02';
/** Easter Monday, the day of work, of victory, of Ascension and Whit Monday of 2026 in France. */
const HOLIDAYS = ['2026-04-06', '2026-05-01', '2026-05-08', '2026-05-14', '2026-05-25'];

const dayOf = (date: string): number => Date.parse(date) / DAY_MS;
const calendar: HolidayCalendar = {
  between: (first, last) => HOLIDAYS.map(dayOf).filter((day) => day >= first && day <= last),
};

/** Local midnight, winter and summer time. */
function midnight(day: number): number {
  return day * DAY_MS - (day >= dayOf('2026-03-30') ? 2 : 1) * HOUR_MS;
}

/** Calls of one open day from 8 to 18 h; none at weekends. */
function callsOf(day: number, peak: number): CallInterval[] {
  const weekday = (day + 4) % 7;
  if (weekday === 0 || weekday === 6) return [];
  return Array.from({ length: 10 }, (_, k) => ({
    queue: 'care',
    start: new Date(midnight(day) + (8 + k) * HOUR_MS).toISOString(),
    intervalSeconds: 3600,
    offered: Math.round(peak * (1 + 0.5 * Math.sin((Math.PI * k) / 10)) + ((day * 7 + k) % 5)),
  }));
}

/** Forecast at 6 h of a day from all days before it, holidays as busy as a share of the others. */
function forecastOn(date: string, holidayShare: number, holidays?: HolidayCalendar) {
  const forecaster = new Forecaster(rules, holidays ? { holidays } : {});
  for (let day = dayOf(FIRST); day < dayOf(date); day++) {
    const isHoliday = HOLIDAYS.includes(new Date(day * DAY_MS).toISOString().slice(0, 10));
    const peak = isHoliday ? 160 * holidayShare : 160;
    if (peak > 0) forecaster.observe(callsOf(day, peak));
  }
  const fromMs = midnight(dayOf(date));
  const today = forecaster
    .forecast(fromMs + 6 * HOUR_MS, [])
    .intervals.filter(({ start }) => Date.parse(start) < fromMs + DAY_MS);
  return { today, calls: today.reduce((sum, { ordinary }) => sum + ordinary, 0) };
}

const usualDay = callsOf(dayOf('2026-05-12'), 160).reduce((sum, { offered }) => sum + offered, 0);

describe('holidays in the history', () => {
  it('are not learnt as ordinary days: the same weekday a week later is as busy as ever', () => {
    // Easter Monday had a fifth of the calls; this is the Monday after
    const knowing = Math.abs(forecastOn('2026-04-13', 0.2, calendar).calls - usualDay);
    const unknowing = Math.abs(forecastOn('2026-04-13', 0.2).calls - usualDay);
    expect(knowing / usualDay).toBeLessThan(0.05);
    expect(knowing).toBeLessThan(unknowing);
  });

  it('teach what the next holiday is like', () => {
    const knowing = forecastOn('2026-05-25', 0.2, calendar).calls;
    const unknowing = forecastOn('2026-05-25', 0.2).calls;
    expect(knowing / usualDay).toBeLessThan(0.35);
    expect(unknowing / usualDay).toBeGreaterThan(0.6);
  });

  it('that were closed make the next one closed: no calls, no agents, at no hour', () => {
    const { today } = forecastOn('2026-05-25', 0, calendar);
    expect(today).toHaveLength(18);
    for (const { ordinary, quantiles, agents } of today) {
      expect([ordinary, quantiles['0.95'], agents]).toEqual([0, 0, 0]);
    }
  });
});

describe('a queue that is open from 8 to 18 h on working days', () => {
  it('has no calls and needs nobody before, after and at the weekend', () => {
    const { today } = forecastOn('2026-05-12', 0, calendar);
    const busy = today.filter(({ ordinary }) => ordinary > 0);
    expect(busy[0]?.start).toBe('2026-05-12T06:00:00.000Z');
    expect(busy).toHaveLength(10);
    for (const { ordinary, agents } of today) expect(agents > 0).toBe(ordinary > 0);
    const sunday = forecastOn('2026-05-10', 0, calendar).today;
    expect(sunday.every(({ ordinary, agents }) => ordinary === 0 && agents === 0)).toBe(true);
  });
});
