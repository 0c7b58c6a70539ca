import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../simulators/random.js';
import { PostgresCrmConnector } from '../../src/adapters/crm/postgres-connector.js';
import { PostgresFlagQueue } from '../../src/adapters/postgres/crm-store.js';
import type { AccountFlag, CrmConnector, Pushed } from '../../src/crm/ports.js';
import { TocsinError } from '../../src/domain/errors.js';
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
let nowMs: number;
let isLeading: boolean;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 3);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  nowMs = 0;
  isLeading = true;
  const ids = Array.from({ length: 30 }, (_, n) => n + 1);
  await insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual: { [`S${(id % 3) + 1}-1`]: 1 } })),
  );
});

const health = new Health(wallClock, wallClock);

function worker(change: Partial<CrmConnector> = {}, metrics = new Registry()): CrmWorker {
  const real = new PostgresCrmConnector(database.pool);
  const connector: CrmConnector = {
    name: real.name,
    upsert: (flags) => real.upsert(flags),
    clear: (keys) => real.clear(keys),
    list: (after, limit) => real.list(after, limit),
    check: () => real.check(),
    close: () => real.close(),
    ...change,
  };
  return new CrmWorker({
    queue: new PostgresFlagQueue(database.pool),
    connector,
    health,
    log: createLog('silent'),
    metrics: new CrmMetrics(metrics),
    isLeading: () => isLeading,
    batch: 4,
    now: () => nowMs,
  });
}

/** Turns until there is nothing left to do; a failed turn is as if the process had started again. */
async function work(crm: CrmWorker): Promise<void> {
  while ((await crm.turn()) === 'busy');
}

/** Flags in the CRM that are not desired, desired ones that are not in it, and differing ones. */
async function differences(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::int as count from crm_desired d
     full join crm_customer_flags f using (subscriber_id, incident_id)
     where d.flag is distinct from f.flag`,
  );
  return rows[0]?.count ?? -1;
}

async function held(): Promise<number> {
  const { rowCount } = await database.pool.query('select 1 from crm_customer_flags');
  return rowCount ?? 0;
}

function stopped(why: string): Pushed {
  const stoppedBy = new TocsinError('unavailable.crm', why);
  return { dealtWith: 0, refused: [], stoppedBy };
}

describe('CRM worker', () => {
  it('brings the CRM to what is desired, and to nothing when the incident is over', async () => {
    const metrics = new Registry();
    const crm = worker({}, metrics);
    await world.decide(incident(['S1-1']));
    await work(crm);
    expect(await held()).toBe(10);
    await world.decide(incident(['S1-1', 'S2-1'], { revision: 2 }), T0 + MINUTE);
    await work(crm);
    expect([await held(), await differences()]).toEqual([20, 0]);
    expect(await metrics.metrics()).toContain('tocsin_crm_lag_seconds{connector="postgres"} 0');
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    await work(crm);
    expect([await held(), await differences()]).toEqual([0, 0]);
    expect((await database.pool.query('select 1 from crm_cleared')).rowCount).toBe(0);
  });

  it('leaves the CRM alone while another instance leads, and compares all when it leads itself', async () => {
    const crm = worker();
    await work(crm);
    isLeading = false;
    await world.decide(incident(['S1-1']));
    await work(crm);
    expect(await held()).toBe(0);
    // the leader of meanwhile pushed, and somebody took a flag away behind its back
    isLeading = true;
    await work(worker());
    isLeading = false;
    await work(crm);
    await database.pool.query('delete from crm_customer_flags where subscriber_id = 3');
    isLeading = true;
    await work(crm);
    expect([await held(), await differences()]).toEqual([10, 0]);
  });

  it('hands nothing over once another instance has begun to lead', async () => {
    const crm = worker();
    await world.decide(incident(['S1-1']));
    const changes = vi.spyOn(PostgresFlagQueue.prototype, 'changes');
    changes.mockImplementationOnce(async function (this: PostgresFlagQueue, ...asked) {
      isLeading = false;
      return PostgresFlagQueue.prototype.changes.apply(this, asked);
    });
    await expect(crm.turn()).rejects.toMatchObject({ code: 'lease.lost' });
    expect(await held()).toBe(0);
  });

  it('remembers what the CRM took before it failed, and does not let one it refuses hold up others', async () => {
    const real = new PostgresCrmConnector(database.pool);
    const asked: number[] = [];
    let isSteady = false;
    const upsert: CrmConnector['upsert'] = async (flags) => {
      asked.push(...flags.map(({ flag }) => flag.subscriberId));
      const isRefused = ({ flag }: AccountFlag): boolean => flag.subscriberId === 3;
      const some = isSteady ? flags : flags.slice(0, 2);
      await real.upsert(some.filter((each) => !isRefused(each)));
      const refused = some.filter(isRefused).map(({ flag }) => ({ key: flag, reason: 'http.404' }));
      const dealtWith = some.length;
      return isSteady ? { dealtWith, refused, stoppedBy: null } : { ...stopped('away'), dealtWith };
    };
    const crm = worker({ upsert });
    await world.decide(incident(['S1-1']));
    await expect(crm.turn()).rejects.toMatchObject({ code: 'unavailable.crm' });
    isSteady = true;
    await work(crm);
    expect(await held()).toBe(9);
    const taken = asked.find((id) => id !== 3);
    expect(asked.filter((id) => id === taken)).toHaveLength(1);
  });

  it('mends what somebody changed in the CRM, in both directions, at the next comparison', async () => {
    const crm = worker();
    await world.decide(incident(['S1-1']));
    await work(crm);
    await database.pool.query(`delete from crm_customer_flags where subscriber_id = 3`);
    await database.pool.query(
      `update crm_customer_flags set flag = flag || '{"told": true}' where subscriber_id = 6`,
    );
    await database.pool.query(
      `insert into crm_customer_flags (account, subscriber_id, incident_id, flag, valid_until)
       select 'A99', 99, 'inc_9', flag || '{"subscriberId": 99, "incidentId": "inc_9"}', now()
       from crm_customer_flags where subscriber_id = 9`,
    );
    expect(await differences()).toBe(3);
    nowMs += 600_000;
    await work(crm);
    expect(await differences()).toBe(0);
  });

  it('keeps flags true through a CRM and a process that fail at any moment', async () => {
    const random = new Random(3, 'crm');
    const real = new PostgresCrmConnector(database.pool);
    const unsteady = async (call: () => Promise<Pushed>): Promise<Pushed> => {
      const fate = random.between(0, 1);
      if (fate < 0.25) return stopped('away');
      const pushed = await call();
      return fate < 0.5 ? stopped('cut after it was done') : pushed;
    };
    const faults: Partial<CrmConnector> = {
      upsert: (flags) => unsteady(() => real.upsert(flags)),
      clear: (keys) => unsteady(() => real.clear(keys)),
    };
    const cells = ['S1-1', 'S2-1', 'S3-1'];
    for (let round = 0; round < 12; round++) {
      const some = cells.filter(() => random.between(0, 1) < 0.5);
      const doc = incident(some.length > 0 ? some : ['S1-1'], { revision: round + 1 });
      await world.decide(random.between(0, 1) < 0.2 ? resolved(doc) : doc, T0 + round * MINUTE);
      await work(worker(faults)).catch(() => undefined);
    }
    await work(worker());
    expect(await differences()).toBe(0);
  });

  it('loses and doubles nothing when the CRM is away for a while', async () => {
    const away = async (): Promise<Pushed> => stopped('away');
    const crm = worker({ upsert: away, clear: away });
    await world.decide(incident(['S1-1']));
    await expect(crm.turn()).rejects.toMatchObject({ code: 'unavailable.crm' });
    await world.decide(incident(['S2-1'], { revision: 2 }), T0 + MINUTE);
    await work(worker());
    expect([await held(), await differences()]).toEqual([10, 0]);
  });

  it('offers what was refused for good once, says so, and offers a flag that says something else', async () => {
    const real = new PostgresCrmConnector(database.pool);
    let offers = 0;
    let mends = false;
    const crm = worker({
      upsert: async (flags) => {
        const [bad, good] = [1, 2].map((n) =>
          flags.filter(({ flag }) => (flag.subscriberId === 3) === (n === 1)),
        );
        offers += bad?.length ?? 0;
        const done = await real.upsert(mends ? flags : (good ?? []));
        if (done.stoppedBy !== null) return done;
        const refused = (mends ? [] : (bad ?? [])).map(({ flag }) => ({
          key: flag,
          reason: 'http.404',
        }));
        return { dealtWith: flags.length, refused, stoppedBy: null };
      },
    });
    await world.decide(incident(['S1-1']));
    await work(crm);
    for (let comparison = 0; comparison < 3; comparison++) {
      nowMs += 600_000;
      await work(crm);
    }
    expect([offers, await held()]).toEqual([1, 9]);
    const told = health.report().components.find(({ name }) => name === 'crm postgres flags');
    expect(told).toMatchObject({
      status: 'degraded',
      detail: '1 flags are refused for good, such as http.404',
    });
    // renewed, it is still the same
    await database.pool.query(
      `update crm_desired set version = nextval('crm_versions'),
         flag = flag || '{"validUntil": "2026-01-14T20:00:00.000Z"}'`,
    );
    await work(crm);
    expect(offers).toBe(1);
    mends = true;
    await database.pool.query(
      `update crm_desired set version = nextval('crm_versions'), flag = flag || '{"told": true}'`,
    );
    await work(crm);
    expect([offers, await held(), await differences()]).toEqual([2, 10, 0]);
    expect(
      health.report().components.find(({ name }) => name === 'crm postgres flags')?.status,
    ).toBe('up');
  });

  it('forgets a connector that is not configured any more, and no other', async () => {
    const queue = new PostgresFlagQueue(database.pool);
    await world.decide(incident(['S1-1']));
    await work(worker());
    await work(worker({ name: 'former' }));
    expect(await queue.forgetOthers(['postgres'])).toEqual(['former']);
    expect(await queue.forgetOthers(['postgres'])).toEqual([]);
    const { rows } = await database.pool.query(
      'select connector from crm_cursors union select connector from crm_pushed',
    );
    expect(rows).toEqual([{ connector: 'postgres' }]);
  });
});
