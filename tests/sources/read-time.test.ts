import { describe, expect, it } from 'vitest';
import { timeReader } from '../../src/sources/read-time.js';

describe('timeReader', () => {
  it.each([
    ['iso', 'UTC', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['iso', 'UTC', '2026-03-01T12:00:00.250+02:00', '2026-03-01T10:00:00.250Z'],
    ['iso', 'UTC', '2026-03-01 12:00:00', '2026-03-01T12:00:00.000Z'],
    ['iso', 'UTC', '2026-03-01 12:00:00+0200', '2026-03-01T10:00:00.000Z'],
    ['iso', 'Asia/Shanghai', '2021-08-28T00:00:00', '2021-08-27T16:00:00.000Z'],
    // skipped and repeated by daylight saving
    ['iso', 'Europe/Paris', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z'],
    ['iso', 'Europe/Paris', '2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
    ['dd/MM/yyyy HH:mm', 'UTC', '09/05/2021 13:00', '2021-05-09T13:00:00.000Z'],
    ['epochSeconds', 'UTC', '1767225600', '2026-01-01T00:00:00.000Z'],
    ['epochMillis', 'UTC', 1767225600123, '2026-01-01T00:00:00.123Z'],
    ['epochMicros', 'UTC', '1767225600123456', '2026-01-01T00:00:00.123Z'],
    ['epochNanos', 'UTC', '1767225600123456789', '2026-01-01T00:00:00.123Z'],
    ['snmpDateAndTime', 'UTC', '2025-9-10,14:18:14.0,+3:0', '2025-09-10T11:18:14.000Z'],
    ['snmpDateAndTime', 'UTC', '1992-5-26,13:30:15.7,-4:30', '1992-05-26T18:00:15.700Z'],
    ['snmpDateAndTime', 'Europe/Paris', '2025-1-10,14:18:14.0', '2025-01-10T13:18:14.000Z'],
  ])('reads %s in %s: %s', (format, zone, given, iso) => {
    expect(new Date(timeReader(format, zone)(given)).toISOString()).toBe(iso);
  });

  it.each([
    ['iso', ''],
    ['iso', 'yesterday'],
    ['iso', '2026-02-30T00:00:00Z'],
    ['iso', '2026-13-01T00:00:00'],
    ['iso', 5],
    ['dd/MM/yyyy HH:mm', '2021-05-09 13:00'],
    ['epochSeconds', 'now'],
    ['epochSeconds', null],
    ['snmpDateAndTime', '2025-99-10,14:18:14.0,+3:0'],
  ])('finds no time in %s %s', (format, given) => {
    expect(timeReader(format, 'UTC')(given)).toBeNaN();
  });
});
