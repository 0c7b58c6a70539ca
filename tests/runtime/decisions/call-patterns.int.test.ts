import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallHistory } from '../../../src/adapters/postgres/call-history.js';
import { loadPatterns } from '../../../src/adapters/postgres/call-patterns.js';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import { readPatterns } from '../../../src/adapters/postgres/read-patterns.js';
import type { OperatorAct } from '../../../src/domain/facts.js';
import { Forecaster } from '../../../src/forecast/forecaster.js';
import type { ForecastRules } from '../../../src/forecast/rules.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { forecastRules } from '../../forecast/shipped-rules.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { DecisionWorld, settle, T0 } from './decision-world.js';

const rules: ForecastRules = { ...forecastRules, intervalSeconds: 3600, horizonHours: 24 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: TestDatabase;
let leadership: Leadership;
let world: DecisionWorld;
/** rules' part of what patterns are learnt of */
let ofRules = 'rules';
let callsVersion = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const taken = await Leadership.tryAcquire(database.url);
  if (!taken) throw new Error('the lock of another test is held');
  leadership = taken;
  ofRules = 'rules';
  callsVersion = 0;
  world = new DecisionWorld(database.pool, leadership);
  world.forecaster = async () => {
    const made = new Forecaster(rules, { settings: { rules: ofRules, calls: callsVersion } });
    const history = await CallHistory.open(database.pool);
    const { intervalSeconds } = rules;
    await history.read(made, { fromMs: 0, recentFromMs: T0 - 4 * DAY, intervalSeconds });
    made.remember(await loadPatterns(database.pool));
    return made;
  };
  await database.pool.query(
    `insert into calls (queue, starts_at, interval_seconds, offered)
     select 'care', $1::timestamptz - make_interval(hours => n), 3600, 40 from generate_series(1, 500) n`,
    [new Date(T0)],
  );
});
afterEach(async () => {
  await leadership.release();
  await database.pool.query(
    'truncate decision_state, calls, forecasts, call_patterns, call_pattern_pins',
  );
});

const patterns = async (nowMs = T0) => (await readPatterns(database.pool, 'care', nowMs))[0];

/** Median of the newest forecast, mean over its hours. */
async function forecastCalls(): Promise<number> {
  const { rows } = await database.pool.query(
    `select avg((each ->> 'ordinary')::float8) as mean
     from (select intervals from forecasts order by issued_at desc limit 1) f,
       jsonb_array_elements(f.intervals) each`,
  );
  return rows[0].mean;
}

async function act(action: OperatorAct['action'], nowMs: number): Promise<void> {
  const given: OperatorAct = {
    actId: `act_${nowMs}`,
    at: new Date(nowMs).toISOString(),
    actor: 'Zoé',
    why: 'the busy day was a mistake of the ACD',
    action,
    queue: 'care',
  };
  world.journal.add(CONTROL_STREAM, { kind: 'acts', items: [given] });
  await world.tick(nowMs);
}

/** A night after which the level has doubled, as far as the calls say. */
async function afterABusyDay() {
  const runner = await world.runner();
  await world.tick(T0);
  await settle(runner);
  await database.pool.query('update calls set offered = 400 where starts_at >= $1', [
    new Date(T0 - 3 * DAY),
  ]);
  const next = await world.runner();
  await world.tick(T0 + DAY);
  await settle(next);
  return next;
}

describe('versions of call patterns', () => {
  it('are kept as they are learnt, with errors and from which days, and used after a restart', async () => {
    await world.tick(T0);
    await settle(await world.runner());
    const [kept] = (await patterns())?.versions ?? [];
    expect(kept).toMatchObject({ version: 1, why: 'first', to: '2026-03-09', isKept: true });
    expect(kept?.recentWape).toBeLessThan(0.05);
    await world.tick(T0 + HOUR);
    await settle(await world.runner());
    expect((await patterns())?.versions).toHaveLength(1);
    ofRules = 'other rules';
    await world.tick(T0 + 2 * HOUR);
    await settle(await world.runner());
    expect((await patterns())?.versions[0]).toMatchObject({ version: 2, why: 'rules' });
  });

  it('are gone back to by a journalled act, through a restart, and forward again', async () => {
    const runner = await afterABusyDay();
    expect(await forecastCalls()).toBeGreaterThan(60);
    await act('revertPattern', T0 + DAY + HOUR);
    await settle(runner);
    expect(await patterns(T0 + DAY)).toMatchObject({
      inUse: 1,
      previousVersion: null,
      putBack: { by: 'Zoé', why: 'the busy day was a mistake of the ACD' },
    });
    expect(await forecastCalls()).toBeLessThan(45);
    await world.tick(T0 + DAY + 2 * HOUR);
    const restarted = await world.runner();
    await settle(restarted);
    expect(await forecastCalls()).toBeLessThan(45);
    await act('resumePattern', T0 + DAY + 3 * HOUR);
    await settle(restarted);
    expect(await patterns(T0 + DAY)).toMatchObject({ inUse: 2, previousVersion: 1, putBack: null });
    expect(await forecastCalls()).toBeGreaterThan(60);
  });

  it('are learnt anew from imported calls while the service runs, at the next tick', async () => {
    const runner = await world.runner();
    await world.tick(T0);
    await settle(runner);
    await database.pool.query('update calls set offered = 80');
    callsVersion = 1;
    world.journal.add(CONTROL_STREAM, { kind: 'callHistory', items: [{ version: 1 }] });
    await world.tick(T0 + HOUR);
    await settle(runner);
    await world.reading;
    await world.tick(T0 + HOUR + 1000);
    await settle(runner);
    expect((await patterns())?.versions[0]).toMatchObject({ version: 2, why: 'calls' });
    expect(await forecastCalls()).toBeGreaterThan(75);
  });

  it('give way to the newest where there is none before', async () => {
    const runner = await world.runner();
    await world.tick(T0);
    await act('revertPattern', T0 + HOUR);
    await settle(runner);
    expect(await patterns()).toMatchObject({ inUse: 1, previousVersion: null, putBack: null });
  });
});
