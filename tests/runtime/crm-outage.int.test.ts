import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogicalClock } from '../../simulators/clock.js';
import { type CrmSimulator, startCrm } from '../../simulators/crm.js';
import { crmConfigOf } from '../../simulators/crm-description.js';
import { RestCrmConnector } from '../../src/adapters/crm/rest-connector.js';
import { PostgresDailyQuota } from '../../src/adapters/postgres/crm-quota.js';
import { PostgresFlagQueue } from '../../src/adapters/postgres/crm-store.js';
import { wallClock } from '../../src/runtime/clock.js';
import { CrmMetrics } from '../../src/runtime/crm-metrics.js';
import { CrmWorker } from '../../src/runtime/crm-worker.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  resolved,
  T0,
} from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
let world: OutboxWorld;
let crm: CrmSimulator;
let connector: RestCrmConnector;
const clock = new LogicalClock(T0);

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 3);
  const ids = Array.from({ length: 30 }, (_, n) => n + 1);
  await insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual: { [`S${(id % 3) + 1}-1`]: 1 } })),
  );
  crm = await startCrm({ clock, seed: 7 });
  connector = new RestCrmConnector({
    config: crmConfigOf(crm.url, { perDay: 100_000 }),
    quota: new PostgresDailyQuota(database.pool),
    timeoutMs: 2_000,
    now: () => clock.nowMs(),
  });
});
afterAll(async () => {
  await connector.close();
  await crm.stop();
  await database.close();
});

function worker(): CrmWorker {
  return new CrmWorker({
    queue: new PostgresFlagQueue(database.pool),
    connector,
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new CrmMetrics(new Registry()),
    isLeading: () => true,
    now: () => clock.nowMs(),
  });
}

/** Turns until nothing is left or the CRM fails. */
async function work(crmWorker: CrmWorker): Promise<boolean> {
  try {
    while ((await crmWorker.turn()) === 'busy');
    return true;
  } catch {
    return false;
  }
}

async function desired(): Promise<unknown[]> {
  const { rows } = await database.pool.query<{ flag: unknown }>(
    'select flag from crm_desired order by subscriber_id, incident_id',
  );
  return rows.map(({ flag }) => flag);
}

describe('a CRM that is down for an hour', () => {
  it('loses and doubles nothing', async () => {
    const steady = worker();
    await world.decide(incident(['S1-1']));
    expect(await work(steady)).toBe(true);
    expect(crm.flags().map(({ flag }) => flag)).toEqual(await desired());
    expect(crm.changes()).toHaveLength(10);

    crm.faults.downUntilMs = T0 + 60 * MINUTE;
    for (let minute = 0; minute < 60; minute += 10) {
      const cells = minute % 20 === 0 ? ['S1-1', 'S2-1'] : ['S2-1', 'S3-1'];
      await world.decide(incident(cells, { revision: 2 + minute }), T0 + minute * MINUTE);
      expect(await work(steady)).toBe(false);
      await clock.advance(10 * MINUTE);
    }
    const before = crm.changes().length;
    expect(before).toBe(10);
    // S1 went and S2 and S3 came: ten cleared, twenty written, each once
    expect(await work(steady)).toBe(true);
    expect(crm.flags().map(({ flag }) => flag)).toEqual(await desired());
    expect(crm.flags()).toHaveLength(20);
    expect(crm.changes().length - before).toBe(30);

    // from then on it is there, but cuts connections before and after, and somebody edits records
    Object.assign(crm.faults, { dropBeforeRate: 0.1, dropAfterRate: 0.1, serverErrorRate: 0.1 });
    const [some] = crm.flags();
    if (some === undefined) throw new Error('no flag is held');
    crm.tamper(some.subscriberId, some.incidentId, null);
    crm.tamper(999, 'inc_9', { ...(some.flag as object), subscriberId: 999, incidentId: 'inc_9' });
    await clock.advance(10 * MINUTE);
    for (let turns = 0; turns < 200 && !(await work(steady)); turns++) await clock.advance(5_000);
    Object.assign(crm.faults, { dropBeforeRate: 0, dropAfterRate: 0, serverErrorRate: 0 });
    expect(crm.flags().map(({ flag }) => flag)).toEqual(await desired());

    await world.decide(resolved(incident(['S2-1', 'S3-1'])), T0 + 90 * MINUTE);
    expect(await work(worker())).toBe(true);
    expect(crm.flags()).toEqual([]);
  });
});
