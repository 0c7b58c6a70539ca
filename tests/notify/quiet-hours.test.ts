import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownZone, quietUntil } from '../../src/notify/quiet-hours.js';

const night = { from: '22:00', to: '07:00' };
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
const at = (text: string): number => Date.parse(text);

describe('quiet hours', () => {
  it.each([
    ['2026-01-14T20:59:00Z', undefined],
    ['2026-01-14T21:00:00Z', '2026-01-15T06:00:00.000Z'],
    ['2026-01-15T05:59:00Z', '2026-01-15T06:00:00.000Z'],
    ['2026-01-15T06:00:00Z', undefined],
  ])('are those of the local clock in Paris at %s', (now, until) => {
    expect(iso(quietUntil(at(now), 'Europe/Paris', night))).toBe(until);
  });

  it('differ by zone at the same moment', () => {
    const now = at('2026-01-14T21:30:00Z');
    expect(quietUntil(now, 'Europe/Paris', night)).toBeDefined();
    expect(quietUntil(now, 'America/Martinique', night)).toBeUndefined();
  });

  it('end at the local hour across both daylight-saving nights', () => {
    expect(iso(quietUntil(at('2026-03-28T22:00:00Z'), 'Europe/Paris', night))).toBe(
      '2026-03-29T05:00:00.000Z',
    );
    expect(iso(quietUntil(at('2026-10-24T21:00:00Z'), 'Europe/Paris', night))).toBe(
      '2026-10-25T06:00:00.000Z',
    );
  });

  it('end after the gap when the clocks skip their end', () => {
    const until = quietUntil(at('2026-03-29T00:30:00Z'), 'Europe/Paris', {
      from: '00:00',
      to: '02:30',
    });
    expect(iso(until)).toBe('2026-03-29T01:30:00.000Z');
  });

  it('are over when they say they end, whatever the zone, day and hours', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    fc.assert(
      fc.property(
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') }),
        fc.constantFrom('Europe/Paris', 'Pacific/Noumea', 'America/Cayenne', 'Asia/Kathmandu'),
        fc.tuple(time, time).filter(([from, to]) => from !== to),
        (now, zone, [from, to]) => {
          const until = quietUntil(now, zone, { from, to });
          if (until === undefined) return;
          expect(until).toBeGreaterThan(now);
          expect(until - now).toBeLessThanOrEqual(25 * 3_600_000);
          // In the repeated hour of autumn the quiet may go on for that hour.
          const again = quietUntil(until, zone, { from, to });
          if (again !== undefined) expect(again - until).toBeLessThanOrEqual(3_600_000);
        },
      ),
      { numRuns: 500, seed: 3 },
    );
  });

  it('cannot be reckoned in a zone nobody knows', () => {
    expect(isKnownZone('Europe/Atlantis')).toBe(false);
    expect(isKnownZone(null)).toBe(false);
    expect(() => quietUntil(0, 'Europe/Atlantis', night)).toThrow(RangeError);
  });
});
