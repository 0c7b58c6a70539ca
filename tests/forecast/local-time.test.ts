import fc from 'fast-check';
import { IANAZone } from 'luxon';
import { describe, expect, it } from 'vitest';
import { LocalTime } from '../../src/forecast/local-time.js';

const ZONES = ['Europe/Paris', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const FROM_MS = Date.parse('2024-01-01T00:00:00Z');
const TO_MS = Date.parse('2027-01-01T00:00:00Z');

describe('local time', () => {
  it('is what the zone says, on days on which the clocks change too', () => {
    const clocks = ZONES.map((name) => [new LocalTime(name), IANAZone.create(name)] as const);
    const moment = fc.integer({ min: FROM_MS, max: TO_MS });
    const nearChange = fc
      .constantFrom('2025-03-30', '2025-10-26', '2025-11-02', '2025-04-05')
      .chain((day) =>
        fc.integer({ min: 0, max: 86_399_999 }).map((ms) => Date.parse(`${day}T00:00:00Z`) + ms),
      );
    fc.assert(
      fc.property(
        fc.oneof(moment, nearChange),
        fc.constantFrom(...clocks),
        (atMs, [clock, zone]) => {
          expect(clock.at(atMs)).toBe(atMs + zone.offset(atMs) * 60_000);
        },
      ),
    );
  });
});
