import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeCalls } from '../../../src/adapters/postgres/caller-calls.js';
import { assignControl } from '../../../src/adapters/postgres/control-assignment.js';
import { PostgresEffectStore } from '../../../src/adapters/postgres/effect-store.js';
import { readIncidentLoads } from '../../../src/adapters/postgres/incident-loads.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { ControlRules } from '../../../src/notify/effect/rules.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
  resolved,
  SECRET,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { accepted, OutboxWorld } from './outbox-world.js';

const CONTROL: ControlRules = {
  share: 0.3,
  approvedBy: 'Head of care',
  until: '2026-12-31',
  minPeople: 50,
};
const site1 = ['S1-1', 'S1-2', 'S1-3'];
const usual = { 'S1-1': 1 };
const PEOPLE = 120;

let database: TestDatabase;
let store: PostgresEffectStore;

const withControl = (change: Partial<ControlRules> = {}, chunk = 10_000): OutboxWorld =>
  new OutboxWorld(
    database.pool,
    policy,
    chunk,
    undefined,
    assignControl({
      rules: { ...CONTROL, ...change },
      secret: SECRET,
      network: { now: () => T0 },
    }),
  );

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 2);
  store = new PostgresEffectStore(database.pool);
});
afterAll(() => database.close());
beforeEach(async () => {
  await new OutboxWorld(database.pool).reset();
  await database.pool.query('truncate caller_calls, wave_effects, sms_replies');
});

async function seed(count = PEOPLE): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => n + 1);
  await insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual, vulnerable: id % 10 === 0 })),
  );
  // pairs have one account
  await database.pool.query(
    `update subscriber_identifiers set value = 'A' || (subscriber_id + 1) / 2 where kind = 'account'`,
  );
}

const callsOf = (ids: readonly number[], atMs: number) =>
  storeCalls(
    database.pool,
    ids.map((id) => ({ caller: numberOf(id), at: new Date(atMs).toISOString() })),
    { phoneSecret: SECRET, region: 'FR' },
  );

async function heldOut(): Promise<number[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select subscriber_id as id from outbox where reason = 'controlGroup' order by 1`,
  );
  return rows.map(({ id }) => Number(id));
}

describe('a control group', () => {
  it('holds out whole accounts of about the share, nobody vulnerable, the same however it is cut', async () => {
    await seed();
    const world = withControl();
    await world.decide(incident(site1));
    const sent = await world.sendAll();
    const held = await heldOut();
    expect(sent.length + held.length).toBe(PEOPLE);
    expect(held.length).toBeGreaterThan(10);
    expect(held.length).toBeLessThan(60);
    expect(held.filter((id) => id % 10 === 0)).toEqual([]);
    const account = (id: number): number => Math.floor((id + 1) / 2);
    const split = held.filter((id) => {
      const mate = id % 2 === 1 ? id + 1 : id - 1;
      return (
        mate % 10 !== 0 && !held.some((other) => other !== id && account(other) === account(id))
      );
    });
    expect(split).toEqual([]);
    await world.reset();
    await seed();
    const inChunks = withControl({}, 7);
    await inChunks.decide(incident(site1));
    await inChunks.sendAll();
    expect(await heldOut()).toEqual(held);
  });

  it('is told nothing later either, not that it is over', async () => {
    await seed();
    const world = withControl();
    await world.decide(incident(site1));
    await world.sendAll();
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    const restored = await world.sendAll(T0 + 31 * MINUTE);
    const held = new Set((await heldOut()).map(numberOf));
    expect(restored.length).toBeGreaterThan(0);
    expect(restored.filter(({ to }) => held.has(to))).toEqual([]);
  });

  it('is nobody in a small incident or after its last day', async () => {
    await seed(40);
    const small = withControl();
    await small.decide(incident(site1));
    expect(await small.sendAll()).toHaveLength(40);
    await small.reset();
    await seed();
    const over = withControl({ until: '2020-01-01' });
    await over.decide(incident(site1));
    expect(await over.sendAll()).toHaveLength(PEOPLE);
  });

  it('is compared with those told once the incident is over, by account', async () => {
    await seed();
    const world = withControl();
    await world.decide(incident(site1));
    await world.sendAll();
    const held = await heldOut();
    const eligible = Array.from({ length: PEOPLE }, (_, n) => n + 1).filter((id) => id % 10 !== 0);
    const told = eligible.filter((id) => !held.includes(id));
    await callsOf([...held.slice(0, 6), ...told.slice(0, 4), 10, 20], T0 + 10 * MINUTE);
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    await world.sendAll(T0 + 31 * MINUTE);
    expect(await store.measureEnded(T0 + 60 * MINUTE, 120)).toBe(0);
    expect(await store.measureEnded(T0 + 151 * MINUTE, 120)).toBe(1);
    expect(await store.measureEnded(T0 + 151 * MINUTE, 120)).toBe(0);
    const [measured] = await store.measured(0, T0 + 600 * MINUTE);
    expect(measured?.observed).toMatchObject({
      design: 'controlGroup',
      told: told.length,
      untold: held.length,
    });
    expect(measured?.observed.sums).toMatchObject({ toldCalls: 4, untoldCalls: 6 });
    expect(measured?.estimate.status).toBe('notYetMeasurable');
  });
});

describe('the order of sending', () => {
  it('compares calls of people told with those of people not told yet, by turn and not by fate', async () => {
    await seed(100);
    const world = new OutboxWorld(database.pool);
    await world.decide(incident(site1));
    await world.queue.wake();
    await world.expandAll();
    const order: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      const { messages } = await world.handOver(T0 + minute * MINUTE, 10);
      order.push(...messages.map(({ to }) => Number(to.slice(4))));
      await world.queue.record(
        messages.map((sms, n) => ({
          messageId: sms.messageId,
          attempt: sms.attempt,
          // half of them are refused for good: they count as told all the same
          result:
            n % 2 === 0
              ? accepted(sms)
              : { status: 'refused' as const, reason: 'gateway.30003', isOptOut: false },
          retryInMs: 0,
        })),
      );
    }
    expect(order).toHaveLength(100);
    const ordinary = order.filter((id) => id % 10 !== 0);
    await callsOf(ordinary.slice(0, 5), T0 + 5.5 * MINUTE);
    await callsOf(ordinary.slice(-20, -10), T0 + 5.5 * MINUTE);
    await callsOf(ordinary.slice(0, 3), T0 - MINUTE);
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    await world.sendAll(T0 + 31 * MINUTE);
    await store.measureEnded(T0 + 300 * MINUTE, 120);
    const [measured] = await store.measured(0, T0 + 600 * MINUTE);
    expect(measured?.observed).toMatchObject({ design: 'sendingOrder', told: 100, untold: 0 });
    expect(measured?.observed.sums).toMatchObject({ toldCalls: 5, untoldCalls: 10 });
    expect(measured?.observed.callsAfterTold).toBe(5);
  });
});

describe('who called', () => {
  it('is kept once, by fingerprint; what cannot be read is refused and voids nothing else', async () => {
    const calls = [
      { caller: numberOf(1), at: '2026-01-14T13:00:00Z', queue: 'technical' },
      { caller: '06 00 00 00 02', at: '2026-01-14T13:00:00+01:00' },
      { caller: 'anonymous', at: '2026-01-14T13:00:00Z' },
      { caller: numberOf(3), at: 'yesterday' },
      null,
      { caller: numberOf(3), at: '2026-01-14T13:00:00Z', queue: 7 },
    ];
    const options = { phoneSecret: SECRET, region: 'FR' as const };
    const first = await storeCalls(database.pool, calls, options);
    expect(first.stored).toBe(2);
    expect(first.refused.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
    expect(first.refused[1]?.reason).toContain('allowed is a time');
    expect((await storeCalls(database.pool, calls, options)).stored).toBe(0);
    const { rows } = await database.pool.query('select * from caller_calls');
    expect(JSON.stringify(rows)).not.toContain(numberOf(1).slice(-8));
  });

  it('is forgotten with the person', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual },
      { id: 2, usual },
    ]);
    await callsOf([1, 2], T0);
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    const { rows } = await database.pool.query('select * from caller_calls');
    expect(rows).toHaveLength(1);
  });
});

it('what was measured is what the forecast goes by, until it is not measurable any more', async () => {
  const reduction = { value: 0.41, lo: 0.3, hi: 0.5 };
  const effect = {
    design: 'sendingOrder' as const,
    status: 'measured' as const,
    reason: 'people told against people not told yet',
    incidents: 12,
    told: 50_000,
    untold: 0,
    callsTold: 900,
    callsUntold: 1200,
    shareTold: 0.5,
    reduction,
  };
  await seed(10);
  const world = new OutboxWorld(database.pool);
  await world.decide(incident(site1));
  const loads = () => withTransaction(database.pool, (client) => readIncidentLoads(client, T0));
  expect((await loads())[0]).not.toHaveProperty('toldReduction');
  await store.learn(effect);
  await store.learn({ ...effect, reduction: { ...reduction, value: 0.38 } });
  expect((await loads())[0]?.toldReduction).toBe(0.38);
  await store.learn(undefined);
  expect((await loads())[0]).not.toHaveProperty('toldReduction');
});

it('counts opt-outs and other replies against messages', async () => {
  await seed(10);
  const world = new OutboxWorld(database.pool);
  await world.decide(incident(site1));
  await world.sendAll();
  await world.inbox.inbound({ from: numberOf(1), body: 'STOP' });
  await world.inbox.inbound({ from: numberOf(2), body: 'laissez-moi tranquille' });
  await world.inbox.inbound({ from: numberOf(3), body: 'merci' });
  expect(await store.complaints(24)).toEqual({ messages: 10, optOuts: 1, replies: 2 });
});
