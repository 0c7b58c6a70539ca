import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HolidayRules } from '../../src/forecast/rules.js';
import { Health } from '../../src/runtime/health.js';
import { CallPatterns } from '../../src/service/call-patterns.js';
import { StoredCalls } from '../../src/service/stored-calls.js';
import { forecastRules } from '../forecast/shipped-rules.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

/** Whitsun of France in 2026 is on Monday, 25 May. */
const NOW = Date.parse('2026-05-24T08:00:00Z');
const clock = { now: () => NOW };

let database: TestDatabase;
let patterns: CallPatterns;
beforeAll(async () => {
  database = await testDatabase();
  const health = new Health(clock, clock);
  const log = pino({ level: 'silent' });
  patterns = new CallPatterns({ metrics: new Registry(), health, log });
  await database.pool.query(
    `insert into calls (queue, starts_at, interval_seconds, offered)
     select 'care', hour, 3600,
       case when hour::date in ('2026-04-06', '2026-05-01', '2026-05-08', '2026-05-14') then 10 else 60 end
     from generate_series($1::timestamptz - interval '63 days', $1, interval '1 hour') as hour`,
    [new Date(NOW - 3_600_000)],
  );
});
afterAll(async () => {
  await patterns.close();
  await database.close();
});

/** Mean calls an hour on the 25th, as a service with these rules would forecast them. */
async function mondayWith(holidays: HolidayRules): Promise<number> {
  const forecast = {
    ...forecastRules,
    intervalSeconds: 3600 as const,
    horizonHours: 48,
    zone: 'Europe/Paris',
    holidays,
  };
  const options = { pool: database.pool, rules: { forecast }, patterns, network: clock };
  const forecaster = await (await new StoredCalls(options).load()).loaded;
  const from = Date.parse('2026-05-24T22:00:00Z');
  const day = forecaster
    .forecast(NOW, [], [])
    .intervals.map((each) => ({ ...each, atMs: Date.parse(each.start) }))
    .filter(({ atMs }) => atMs >= from && atMs < from + 24 * 3_600_000);
  return day.reduce((sum, { ordinary }) => sum + ordinary, 0) / day.length;
}

test('public holidays of the rules are learnt from stored calls and foretold', async () => {
  const france = { country: 'FR', region: null, dates: [], except: [] };
  expect(await mondayWith(france)).toBeLessThan(25);
  expect(await mondayWith({ ...france, except: ['2026-05-25'] })).toBeGreaterThan(45);
});
