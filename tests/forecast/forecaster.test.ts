import { describe, expect, it } from 'vitest';
import type { CallInterval } from '../../src/domain/facts.js';
import { Forecaster } from '../../src/forecast/forecaster.js';
import type { IncidentLoad } from '../../src/forecast/surge/incident-load.js';
import { forecastRules as rules } from './shipped-rules.js';

const QUARTER_MS = 900_000;
const MONDAY_MS = Date.parse('2026-03-02T00:00:00+01:00');
const WEEKS = 5;
const nowMs = MONDAY_MS + WEEKS * 7 * 86_400_000 - 3_600_000 + 10 * 3_600_000; // Monday 10:00, summer time

/** Calls by local time: 40 at noon on working days, 10 at weekends, none at night. */
function history(untilMs: number): CallInterval[] {
  const calls: CallInterval[] = [];
  for (let at = MONDAY_MS; at < untilMs; at += QUARTER_MS) {
    const local = new Date(at + (at >= Date.parse('2026-03-29T01:00:00Z') ? 2 : 1) * 3_600_000);
    const hour = local.getUTCHours() + local.getUTCMinutes() / 60;
    const peak = local.getUTCDay() % 6 === 0 ? 10 : 40;
    const offered =
      hour < 8 || hour >= 20 ? 0 : Math.round(peak * Math.sin((Math.PI * (hour - 8)) / 12));
    calls.push({ queue: 'care', start: new Date(at).toISOString(), intervalSeconds: 900, offered });
  }
  return calls;
}

function forecaster(): Forecaster {
  const made = new Forecaster(rules);
  made.observe(history(nowMs));
  return made;
}

const load: IncidentLoad = {
  incidentId: 'inc-1',
  causeKind: 'transport',
  startedAtMs: nowMs - 5 * 60_000,
  endedAtMs: null,
  repair: null,
  people: [{ segment: 'consumer', language: 'fr', people: 5000, degree: 1 }],
  cohorts: [{ sinceMs: nowMs - 5 * 60_000, share: 1 }],
  told: [],
  areas: {},
};

describe('Forecaster', () => {
  it('follows the day across the change to summer time', () => {
    const noon = forecaster()
      .forecast(nowMs, [])
      .intervals.find((each) => each.start === '2026-04-06T12:00:00.000Z');
    expect(noon?.ordinary).toBeGreaterThan(36);
    expect(noon?.ordinary).toBeLessThan(44);
  });

  it('keeps quantiles in order and above zero, with and without a surge', () => {
    for (const loads of [[], [load]]) {
      for (const each of forecaster().forecast(nowMs, loads).intervals) {
        const values = Object.values(each.quantiles);
        expect(values).toHaveLength(21);
        for (const [k, value] of values.entries()) {
          expect(value).toBeGreaterThanOrEqual(values[k - 1] ?? 0);
        }
      }
    }
  });

  it('needs more agents for a surge and fewer once people are told', () => {
    const agents = (loads: readonly IncidentLoad[]) =>
      forecaster().forecast(nowMs, loads).intervals[1]?.agents ?? 0;
    expect(agents([load])).toBeGreaterThan(agents([]));
    const told = [{ atMs: nowMs - 60_000, people: 5000 }];
    expect(agents([{ ...load, told }])).toBeLessThan(agents([load]));
  });

  it('takes a replaced count back', () => {
    const made = forecaster();
    const wrong = {
      queue: 'care',
      start: '2026-04-03T10:00:00Z',
      intervalSeconds: 900,
      offered: 1e6,
    };
    made.observe([wrong]);
    made.observe([wrong], -1);
    expect(made.forecast(nowMs, [])).toEqual(forecaster().forecast(nowMs, []));
  });

  it('refuses an unknown time zone', () => {
    expect(() => new Forecaster({ ...rules, zone: 'Mars/Base' })).toThrow(/Mars\/Base/);
  });
});
