import { describe, expect, it } from 'vitest';
import { DAY_PARTS, DayPartClock, dayPart } from '../../src/impact/day-parts.js';

describe('parts of the week', () => {
  it('gives every hour of the week one part, and each part its hours', () => {
    const hours = new Map<number, number>();
    for (let weekday = 1; weekday <= 7; weekday++) {
      for (let hour = 0; hour < 24; hour++) {
        const part = dayPart(weekday, hour);
        hours.set(part, (hours.get(part) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(hours)).toEqual({
      [DAY_PARTS.workNight]: 5 * 6,
      [DAY_PARTS.workMorning]: 5 * 4,
      [DAY_PARTS.workDay]: 5 * 7,
      [DAY_PARTS.workEvening]: 5 * 7,
      [DAY_PARTS.restNight]: 2 * 8,
      [DAY_PARTS.restDay]: 2 * 16,
    });
  });

  it('follows local time through the change of the clocks', () => {
    const paris = new DayPartClock('Europe/Paris');
    // Friday 27 March 2026, an hour before and after summer time begins on Sunday 29
    expect(paris.at(Date.UTC(2026, 2, 27, 8, 59))).toBe(DAY_PARTS.workMorning);
    expect(paris.at(Date.UTC(2026, 2, 27, 9, 0))).toBe(DAY_PARTS.workDay);
    expect(paris.at(Date.UTC(2026, 2, 30, 7, 59))).toBe(DAY_PARTS.workMorning);
    expect(paris.at(Date.UTC(2026, 2, 30, 8, 0))).toBe(DAY_PARTS.workDay);
    expect(paris.at(Date.UTC(2026, 2, 27, 23, 30))).toBe(DAY_PARTS.restNight);
  });

  it('knows zones whose offset is no whole hour', () => {
    const kathmandu = new DayPartClock('Asia/Kathmandu');
    expect(kathmandu.at(Date.UTC(2026, 2, 25, 0, 14))).toBe(DAY_PARTS.workNight);
    expect(kathmandu.at(Date.UTC(2026, 2, 25, 0, 15))).toBe(DAY_PARTS.workMorning);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => new DayPartClock('Mars/Base')).toThrow('unknown time zone "Mars/Base"');
  });
});
