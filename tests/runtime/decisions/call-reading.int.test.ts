import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallHistory } from '../../../src/adapters/postgres/call-history.js';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import type { CallInterval } from '../../../src/domain/facts.js';
import { Forecaster } from '../../../src/forecast/forecaster.js';
import type { ForecastRules } from '../../../src/forecast/rules.js';
import type { CallForecaster } from '../../../src/runtime/decisions/ports.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { forecastRules } from '../../forecast/shipped-rules.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { DecisionWorld, settle, T0 } from './decision-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rules: ForecastRules = { ...forecastRules, intervalSeconds: 3600, horizonHours: 24 };

let database: TestDatabase;
let leadership: Leadership;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const taken = await Leadership.tryAcquire(database.url);
  if (!taken) throw new Error('the lock of another test is held');
  leadership = taken;
});
afterEach(async () => {
  await leadership.release();
  await database.pool.query(
    'truncate decision_state, calls, forecasts, call_patterns, call_pattern_pins',
  );
});

/** Hours with calls before `T0`, busier by day. */
async function storeHistory(): Promise<void> {
  await database.pool.query(
    `insert into calls (queue, area, starts_at, interval_seconds, offered, abandoned, handle_seconds)
     select 'care', area, $1::timestamptz - make_interval(hours => n), seconds,
       20 + 10 * ((n % 24) / 8), case when n % 3 = 0 then n % 5 end, 200 + n % 7
     from generate_series(1, 480) n, (values ('', 3600), ('north', 900)) as kinds (area, seconds)`,
    [new Date(T0)],
  );
}

async function read(history: CallHistory, recentFromMs: number): Promise<Forecaster> {
  const made = new Forecaster(rules);
  const { intervalSeconds } = rules;
  await history.read(made, { fromMs: 0, recentFromMs, intervalSeconds });
  return made;
}

const moment = (offered: number): CallInterval => ({
  queue: 'care',
  start: new Date(T0 - HOUR).toISOString(),
  intervalSeconds: 3600,
  offered,
});

describe('decisions while stored calls are read back', () => {
  it('go on, and forecast at the first tick after, with the calls that came meanwhile', async () => {
    const world = new DecisionWorld(database.pool, leadership);
    const learned: string[] = [];
    let isRead: (forecaster: CallForecaster) => void = () => undefined;
    const runner = await world.runner();
    world.forecaster = () => new Promise((resolve) => (isRead = resolve));
    world.journal.add(CONTROL_STREAM, { kind: 'callHistory', items: [{ version: 1 }] });
    await world.tick(T0);
    world.journal.add(CONTROL_STREAM, { kind: 'calls', items: [moment(7)] });
    await world.tick(T0 + HOUR);
    await settle(runner);
    expect(runner.tickMs).toBe(T0 + HOUR);
    const forecasts = () => database.pool.query('select issued_at from forecasts');
    expect((await forecasts()).rows).toEqual([]);
    const forecaster = new Forecaster(rules);
    const observe = forecaster.observe.bind(forecaster);
    forecaster.observe = (calls, sign) => {
      for (const { queue, offered } of calls) learned.push(`${queue} ${offered}`);
      observe(calls, sign);
    };
    isRead(forecaster);
    await world.reading;
    await world.tick(T0 + 2 * HOUR);
    await settle(runner);
    expect(learned).toEqual(['care 7']);
    expect((await forecasts()).rows).toEqual([{ issued_at: new Date(T0 + 2 * HOUR) }]);
  });

  it('begin again when the calls cannot be read', async () => {
    const world = new DecisionWorld(database.pool, leadership);
    const runner = await world.runner();
    world.forecaster = () => Promise.reject(new Error('the disk is gone'));
    world.journal.add(CONTROL_STREAM, { kind: 'callHistory', items: [{ version: 1 }] });
    await world.tick(T0);
    await settle(runner);
    await world.tick(T0 + HOUR);
    await expect(settle(runner)).rejects.toThrow('the disk is gone');
    world.forecaster = undefined;
    await runner.recover();
    await settle(runner);
    expect(runner.tickMs).toBe(T0 + HOUR);
  });
});

describe('stored calls', () => {
  it('are read as they were when reading began', async () => {
    await storeHistory();
    const history = await CallHistory.open(database.pool);
    await database.pool.query("update calls set offered = 1000 where area = ''");
    const before = await read(history, T0);
    const after = await read(await CallHistory.open(database.pool), T0);
    const most = (made: Forecaster) =>
      Math.max(...made.forecast(T0, []).intervals.map(({ ordinary }) => ordinary));
    expect(most(before)).toBeLessThan(300);
    expect(most(after)).toBeGreaterThan(900);
  });

  it('forecast the same whether they came packed or one by one', async () => {
    await storeHistory();
    const packed = await read(await CallHistory.open(database.pool), T0 - 4 * DAY);
    const single = await read(await CallHistory.open(database.pool), 0);
    const [a, b] = [packed, single].map((made) => made.forecast(T0, []).intervals);
    expect(a).toHaveLength(b?.length ?? 0);
    for (const [at, interval] of (a ?? []).entries()) {
      expect(interval.ordinary).toBeCloseTo(b?.[at]?.ordinary ?? Number.NaN, 6);
      expect(interval.ahtSeconds).toBeCloseTo(b?.[at]?.ahtSeconds ?? Number.NaN, 2);
    }
  });

  it('give their connection back when reading is stopped', async () => {
    await storeHistory();
    const history = await CallHistory.open(database.pool);
    history.stop();
    await expect(read(history, T0)).rejects.toThrow('stopped');
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
  });
});
