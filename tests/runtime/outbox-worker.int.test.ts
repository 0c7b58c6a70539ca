import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SmsGateway as Simulator, startSmsGateway } from '../../simulators/sms-gateway.js';
import { TwilioGateway } from '../../src/adapters/twilio/twilio-gateway.js';
import type { OutboxQueue } from '../../src/notify/ports.js';
import { wallClock } from '../../src/runtime/clock.js';
import type { LiveEvent } from '../../src/runtime/decisions/ports.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { OutboxWorker, type OutboxWorkerOptions } from '../../src/runtime/outbox-worker.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  resolved,
  T0,
  texts,
} from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token' };
const usual = { 'S1-1': 1 };
const PEOPLE = 40;

let database: TestDatabase;
let world: OutboxWorld;
let simulator: Simulator;
let gateway: TwilioGateway;
let network: { nowMs: number };
const running: OutboxWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 1);
});
afterAll(() => database.close());

beforeEach(async () => {
  await world.reset();
  network = { nowMs: T0 };
  simulator = await startSmsGateway({ ...account, seed: 5 });
  gateway = new TwilioGateway({
    ...account,
    from: '+33700000000',
    baseUrl: simulator.url,
    timeoutMs: 600,
    isListComplete: true,
  });
  const ids = Array.from({ length: PEOPLE }, (_, n) => n + 1);
  await insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual })),
  );
  return async () => {
    for (const worker of running.splice(0)) await worker.stop();
    await gateway.close();
    await simulator.stop();
  };
});

function worker(change: Partial<OutboxWorkerOptions> = {}): OutboxWorker {
  const created = new OutboxWorker({
    queue: world.queue,
    gateway,
    policy: world.policy,
    texts,
    network: { now: () => network.nowMs },
    speed: 1,
    sender: { name: 'test', segmentsPerSecond: 2000 },
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new Registry(),
    publish: () => undefined,
    idleMs: 5,
    breakMs: 20,
    ...change,
  });
  running.push(created);
  created.start();
  return created;
}

const settled = { timeout: 45_000, interval: 25 };

/** Waits until no message is pending or claimed. */
async function done(): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await database.pool.query<{ open: boolean }>(
      `select count(*) > 0 and bool_or(state in ('pending', 'claimed')) is not false
         or exists (select 1 from waves where expansion_due) as open from outbox`,
    );
    expect(rows[0]?.open).toBe(false);
  }, settled);
}

/** How many messages the outbox holds to have reached the gateway. */
async function told(): Promise<number> {
  const { 'onset accepted': accepted = 0, 'onset delivered': delivered = 0 } = await world.states();
  return accepted + delivered;
}

/** Messages the gateway took, by number. */
function taken(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { to } of simulator.sent()) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

/** A queue or gateway with some methods replaced. */
function withFaults<T extends object>(target: T, faults: Partial<T>): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value = Reflect.get(faults, name) ?? Reflect.get(object, name, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

describe('outbox worker', () => {
  it('takes a wave from decision to gateway and says so in the outbox', async () => {
    await world.decide(incident(['S1-1']));
    worker();
    await done();
    expect(await told()).toBe(PEOPLE);
    expect([...taken().values()]).toEqual(Array(PEOPLE).fill(1));
  });

  it('tells those who watch that messages moved on, once and again when all is known', async () => {
    const events: LiveEvent[] = [];
    await world.decide(incident(['S1-1']));
    worker({
      publish: (event) => events.push(event),
      sender: { name: 'test', segmentsPerSecond: 15 },
    });
    await done();
    const told = events.length;
    expect(events[0]).toEqual({
      type: 'messages',
      id: incident([]).id,
      at: new Date(network.nowMs).toISOString(),
    });
    // at this pace it takes seconds: a word a second, and not one a message
    expect(told).toBeGreaterThan(1);
    expect(told).toBeLessThan(PEOPLE / 2);
    running[0]?.received();
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(told), settled);
  });

  it('tells nobody twice and leaves nobody out when the gateway fails in every way', async () => {
    Object.assign(simulator.faults, {
      dropBeforeRate: 0.1,
      dropAfterRate: 0.1,
      errorAfterRate: 0.1,
      serverErrorRate: 0.1,
      rateLimitRate: 0.1,
      retryAfterSeconds: 0,
    });
    await world.decide(incident(['S1-1']));
    worker();
    worker();
    await done();
    expect([...taken().values()]).toEqual(Array(PEOPLE).fill(1));
    expect(await told()).toBe(PEOPLE);
  });

  it('leaves as uncertain, and never resends, what a gateway without a full list cannot find', async () => {
    const unsure = new TwilioGateway({
      ...account,
      from: '+33700000000',
      baseUrl: simulator.url,
      timeoutMs: 600,
    });
    simulator.faults.dropBeforeRate = 0.2;
    simulator.faults.dropAfterRate = 0.2;
    await world.decide(incident(['S1-1']));
    worker({ gateway: unsure, failuresToBreak: 1000 });
    await done();
    await unsure.close();
    const states = await world.states();
    const uncertain = states['onset uncertain notFoundAtGateway'] ?? 0;
    expect(uncertain).toBeGreaterThan(0);
    expect(await told()).toBe(PEOPLE - uncertain);
    expect(taken().size).toBe(PEOPLE - uncertain);
    expect([...taken().values()].every((count) => count === 1)).toBe(true);
  });

  it('obeys Retry-After before it hands anything over again', async () => {
    simulator.faults.rateLimitRate = 1;
    simulator.faults.retryAfterSeconds = 3600;
    await world.decide(incident(['S1-1']));
    worker({ maxInFlight: 4 });
    await vi.waitFor(async () => {
      expect((await world.states())['onset pending gatewayBusy']).toBe(4);
    }, settled);
    const requests = simulator.requests();
    simulator.faults.rateLimitRate = 0;
    await world.expandAll();
    expect(simulator.requests()).toBe(requests);
    expect(await world.states()).toMatchObject({ 'onset pending': PEOPLE - 4 });
  });

  it('stops asking a gateway that is down, and goes on by itself when it is back', async () => {
    const { port } = simulator;
    await simulator.stop();
    const health = new Health(wallClock, wallClock);
    await world.decide(incident(['S1-1']));
    worker({ health });
    const statusOf = () => health.report().components.find((each) => each.name === 'gateway');
    await vi.waitFor(() => expect(statusOf()?.status).toBe('down'), settled);
    simulator = await startSmsGateway({ ...account, port });
    await vi.waitFor(async () => {
      await database.pool.query(
        'update outbox set not_before = now() where not_before is not null',
      );
      expect(await told()).toBe(PEOPLE);
    }, settled);
    await vi.waitFor(() => expect(statusOf()?.status).toBe('up'), settled);
    expect([...taken().values()]).toEqual(Array(PEOPLE).fill(1));
  });

  it('hands nothing over any more once the kill switch is on, and the rest when it is off', async () => {
    let killedTurns = 0;
    const queue = withFaults<OutboxQueue>(world.queue, {
      handOver: async (request) => {
        const result = await world.queue.handOver(request);
        if (result.isKilled) killedTurns++;
        return result;
      },
    });
    const turns = (count: number) =>
      vi.waitFor(() => expect(killedTurns).toBeGreaterThanOrEqual(count), settled);
    await world.decide(incident(['S1-1']));
    worker({ queue, sender: { name: 'test', segmentsPerSecond: 20 }, maxInFlight: 2 });
    await vi.waitFor(() => expect(simulator.sent().length).toBeGreaterThan(3), settled);
    await database.pool.query(`insert into settings values ('killSwitch', '{"on": true}')`);
    await turns(1);
    await vi.waitFor(async () => {
      expect((await world.states())['onset claimed']).toBeUndefined();
    }, settled);
    const handedOver = simulator.sent().length;
    expect(handedOver).toBeLessThan(PEOPLE);
    await turns(killedTurns + 10);
    expect(simulator.sent().length).toBe(handedOver);
    await database.pool.query(`update settings set value = '{"on": false}'`);
    await done();
    expect(await told()).toBe(PEOPLE);
  });

  it('ends with everything under way written down', async () => {
    simulator.faults.answerDelayMs = 50;
    await world.decide(incident(['S1-1']));
    const slow = worker({ maxInFlight: 8 });
    await vi.waitFor(() => expect(simulator.sent().length).toBeGreaterThan(0), settled);
    await slow.stop();
    const { 'onset accepted': accepted = 0, ...rest } = await world.states();
    expect(accepted).toBe(simulator.sent().length);
    expect(Object.keys(rest).filter((key) => key !== 'onset pending')).toEqual([]);
  });
});

describe('a crash', () => {
  /** Claims ten messages, sends some of them, and is heard of no more. */
  const crash = async (sent: number): Promise<void> => {
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const { messages } = await world.handOver(T0, 10);
    for (const sms of messages.slice(0, sent)) await gateway.send(sms);
    await world.wallTimePasses();
  };

  it.each([
    ['between claim and request', 0],
    ['in the middle of its requests', 5],
    ['between response and record', 10],
  ])('%s leads to one message per person', async (_, sent) => {
    await crash(sent);
    worker();
    await done();
    expect([...taken().values()]).toEqual(Array(PEOPLE).fill(1));
    expect(await told()).toBe(PEOPLE);
  });

  it('of the database while results are written leads to one message per person', async () => {
    let failures = 3;
    const queue = withFaults<OutboxQueue>(world.queue, {
      record: (records) => {
        if (failures-- > 0) throw new Error('connection terminated');
        return world.queue.record(records);
      },
    });
    await world.decide(incident(['S1-1']));
    worker({ queue });
    await done();
    expect([...taken().values()]).toEqual(Array(PEOPLE).fill(1));
    expect(failures).toBeLessThan(0);
  });

  it('in a wave does not keep "restored" from those who were told', async () => {
    await crash(10);
    network.nowMs = T0 + 31 * MINUTE;
    await world.decide(resolved(incident(['S1-1'])), network.nowMs);
    worker();
    await vi.waitFor(async () => {
      expect((await world.states())['restored accepted']).toBe(10);
    }, settled);
    await done();
    const told = simulator.sent().filter(({ body }) => body.includes('rétabli'));
    const first = simulator.sent().filter(({ body }) => !body.includes('rétabli'));
    expect(told.map(({ to }) => to).sort()).toEqual(first.map(({ to }) => to).sort());
    expect(told.every(({ to }) => Number(to.slice(4)) <= PEOPLE && to !== numberOf(0))).toBe(true);
  });
});
