import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresForecastPublications } from '../../src/adapters/postgres/forecast-publications.js';
import { PostgresForecastRecord } from '../../src/adapters/postgres/forecast-record.js';
import { readAccuracy } from '../../src/adapters/postgres/read-accuracy.js';
import { TocsinError } from '../../src/domain/errors.js';
import { wallClock } from '../../src/runtime/clock.js';
import { ForecastPublisher } from '../../src/runtime/forecast-publisher.js';
import { ForecastRecorder } from '../../src/runtime/forecast-recorder.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { ahead, MINUTE, T0 } from '../forecast/desk/surge-world.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
let nowMs: number;
const shared = { health: new Health(wallClock, wallClock), log: createLog('silent') };
const DAY = 1440 * MINUTE;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    'truncate calls, forecasts, forecast_record, forecast_judged, forecast_publications cascade',
  );
  nowMs = T0;
});

/** Issues a forecast of 40 ordinary calls an interval plus so many of incidents. */
async function issue(atMs: number, surge: readonly number[], queue = 'care'): Promise<void> {
  const intervals = ahead(queue, atMs, surge).map((each) => {
    const middle = 40 + each.surge;
    const quantiles = { '0.025': middle - 20, '0.1': middle - 10, '0.5': middle };
    return { ...each, quantiles: { ...quantiles, '0.9': middle + 10, '0.975': middle + 20 } };
  });
  await database.pool.query('insert into forecasts values ($1, $2, $3)', [
    queue,
    new Date(atMs),
    JSON.stringify(intervals),
  ]);
}

async function came(atMs: number, offered: number, more: object = {}): Promise<void> {
  const row = { queue: 'care', area: '', interval_seconds: 900, ...more };
  await database.pool.query(
    'insert into calls (queue, area, starts_at, interval_seconds, offered) values ($1, $2, $3, $4, $5)',
    [row.queue, row.area, new Date(atMs), row.interval_seconds, offered],
  );
}

async function record(): Promise<void> {
  const recorder = new ForecastRecorder({
    ...shared,
    record: new PostgresForecastRecord(database.pool),
    keepDays: 90,
    now: () => nowMs,
    isLeading: () => true,
  });
  for (let turn = 0; turn < 20; turn++) if ((await recorder.turn()) === 'idle') return;
  throw new Error('the record never comes to rest');
}

const count = async (table: string): Promise<number> =>
  (await database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;

describe('the record of forecasts', () => {
  it('judges each interval by what was forecast a quarter hour and an hour before, once', async () => {
    await issue(T0, []);
    await issue(T0 + 45 * MINUTE, [0, 0, 50]);
    for (const [minute, calls] of [
      [60, 44],
      [75, 95],
      [90, 40],
    ] as const) {
      await came(T0 + minute * MINUTE, calls);
    }
    await came(T0 + 60 * MINUTE - 7 * DAY, 34);
    nowMs = T0 + 120 * MINUTE;
    await record();
    await record();
    const { leads } = await readAccuracy(database.pool, { queue: 'care', days: 28, nowMs });
    expect(leads).toMatchObject([
      {
        leadSeconds: 900,
        ordinary: { intervals: 2, wape: 4 / 84, coverage80: 1, coverage95: 1, mase: 0.4 },
        incidents: { intervals: 1, wape: 5 / 95, mase: null },
      },
      {
        leadSeconds: 3600,
        ordinary: { intervals: 2 },
        incidents: { intervals: 1, wape: 55 / 95, coverage95: 0 },
      },
    ]);
    expect(await count('forecast_judged')).toBe(3);
  });

  it('tells intervals whose calls came with an area from those without', async () => {
    await issue(T0, []);
    await came(T0 + 30 * MINUTE, 44, { area: 'north' });
    await came(T0 + 30 * MINUTE, 4);
    await came(T0 + 45 * MINUTE, 36);
    nowMs = T0 + 70 * MINUTE;
    await record();
    const { leads } = await readAccuracy(database.pool, { queue: 'care', days: 28, nowMs });
    expect(leads[0]).toMatchObject({
      ordinary: { intervals: 2, wape: 12 / 84 },
      incidents: null,
      withArea: { ordinary: { intervals: 1, wape: 8 / 48 }, incidents: null },
      withoutArea: { ordinary: { intervals: 1, wape: 4 / 36 }, incidents: null },
    });
  });

  it('waits for calls that are late or not whole, and adds areas and minutes up', async () => {
    await issue(T0, []);
    await came(T0 + 30 * MINUTE, 20, { area: 'north' });
    await came(T0 + 30 * MINUTE, 24, { area: 'south' });
    await came(T0 + 45 * MINUTE, 9, { interval_seconds: 300 });
    nowMs = T0 + 70 * MINUTE;
    await record();
    const { rows } = await database.pool.query('select actual from forecast_judged');
    expect(rows).toEqual([{ actual: 44 }]);
    await came(T0 + 50 * MINUTE, 9, { interval_seconds: 300 });
    await came(T0 + 55 * MINUTE, 9, { interval_seconds: 300 });
    await record();
    expect(await count('forecast_judged')).toBe(2);
  });

  it('keeps every forecast packed, in full only the newest, and forgets by age', async () => {
    for (let minute = 0; minute <= 300; minute += 60) await issue(T0 + minute * MINUTE, []);
    nowMs = T0 + 300 * MINUTE;
    await record();
    expect([await count('forecasts'), await count('forecast_record')]).toEqual([2, 6]);
    const { rows } = await database.pool.query(
      'select max(length(packed))::int as bytes from forecast_record',
    );
    expect(rows[0].bytes).toBeLessThan(120);
    nowMs += 91 * DAY;
    await record();
    expect([await count('forecasts'), await count('forecast_record')]).toEqual([1, 0]);
  });
});

describe('the topic of forecasts', () => {
  it('gets the newest of each queue once; what a broker missed is passed over', async () => {
    const sent: { key: string; value: string }[] = [];
    let isAway = true;
    const producer = {
      send: async (_topic: string, records: readonly { key: string; value: string }[]) => {
        if (isAway) throw new TocsinError('unavailable.kafka', 'no broker');
        sent.push(...records);
      },
      stop: async () => undefined,
    };
    const publications = new PostgresForecastPublications(database.pool);
    const make = () =>
      new ForecastPublisher({
        ...shared,
        topic: 't',
        producer,
        publications,
        isLeading: () => true,
      });
    await issue(T0, []);
    await expect(make().turn()).rejects.toMatchObject({ code: 'unavailable.kafka' });
    await issue(T0 + 5 * MINUTE, [60]);
    await issue(T0 + 5 * MINUTE, [], 'sales');
    isAway = false;
    expect(await make().turn()).toBe('busy');
    expect(await make().turn()).toBe('idle');
    const messages = sent.map(({ value }) => JSON.parse(value));
    expect(messages).toMatchObject([
      { schemaVersion: 1, queue: 'care', issuedAt: new Date(T0 + 5 * MINUTE).toISOString() },
      { queue: 'sales' },
    ]);
    expect(sent.map(({ key }) => key)).toEqual(['care', 'sales']);

    const dying = new PostgresForecastPublications(database.pool);
    dying.published = async () => {
      throw new Error('killed');
    };
    await issue(T0 + 10 * MINUTE, []);
    const broken = new ForecastPublisher({
      ...shared,
      topic: 't',
      producer,
      publications: dying,
      isLeading: () => true,
    });
    await expect(broken.turn()).rejects.toThrow('killed');
    await make().turn();
    const ids = sent.slice(2).map(({ value }) => JSON.parse(value).forecastId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});
