import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import type { CallInterval, OperatorAct } from '../../../src/domain/facts.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { incident } from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { DecisionWorld, SHARD, settle, T0 } from './decision-world.js';

let database: TestDatabase;
let leadership: Leadership;
let world: DecisionWorld;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const taken = await Leadership.tryAcquire(database.url);
  if (!taken) throw new Error('the lock of another test is held');
  leadership = taken;
  world = new DecisionWorld(database.pool, leadership);
});
afterEach(async () => {
  await leadership.release();
  await database.pool.query('truncate decision_state, incidents, incident_events, calls');
});

const start = new Date(T0).toISOString();
const calls = (...queues: string[]): CallInterval[] =>
  queues.map((queue) => ({ queue, start, intervalSeconds: 900, offered: 1 }));
const noStart: CallInterval = { ...calls('broken')[0], start: null } as never;

async function storedQueues(): Promise<string[]> {
  const { rows } = await database.pool.query('select queue from calls order by queue');
  return rows.map((row) => row.queue as string);
}

describe('DecisionRunner, when something can never be stored', () => {
  it('leaves out the one count it is, keeps the others and goes on', async () => {
    const runner = await world.runner();
    const items = [...calls('a', 'b'), noStart, ...calls('c')];
    world.journal.add(CONTROL_STREAM, { kind: 'calls', items });
    await world.tick(T0);
    await world.tick(T0 + 5000);
    await settle(runner);
    expect(await storedQueues()).toEqual(['a', 'b', 'c']);
    expect(runner.tickMs).toBe(T0 + 5000);
    expect(world.letters).toMatchObject([
      { feed: 'calls', source: 'journal', reason: 'unstorable', payload: JSON.stringify(noStart) },
    ]);
    expect(world.letters[0]?.detail).toMatch(/starts_at.*23502/);
    expect(runner.condition?.detail).toMatch(/^1 could not be stored.*of calls/);
  });

  it('does not meet it again after a restart', async () => {
    world.journal.add(CONTROL_STREAM, { kind: 'calls', items: [noStart] });
    await world.tick(T0);
    await settle(await world.runner());
    await world.tick(T0 + 5000);
    const next = await world.runner();
    await settle(next);
    expect(next.tickMs).toBe(T0 + 5000);
    expect(world.letters).toHaveLength(1);
  });

  it('learns every stored count once, whatever was tried before', async () => {
    const runner = await world.runner();
    world.journal.add(CONTROL_STREAM, { kind: 'calls', items: calls('a') });
    const act = { actId: 'x', action: 'hold', incidentId: 'inc_1', actor: null, why: 'w' };
    world.journal.add(CONTROL_STREAM, { kind: 'acts', items: [act as never as OperatorAct] });
    world.stage.toOpen.set(T0, [{ ...incident(['S1-1']), startedAt: 'never' }]);
    await world.tick(T0);
    await settle(runner);
    expect(await storedQueues()).toEqual(['a']);
    expect(world.letters.map(({ feed }) => feed)).toContain('incidents');
    expect(world.learned).toEqual(['a']);
  });

  it('saves the other incidents of the tick', async () => {
    const runner = await world.runner();
    const broken = { ...incident(['S1-1']), id: 'inc_broken', startedAt: 'never' };
    world.stage.toOpen.set(T0, [broken, incident(['S2-1'])]);
    await world.tick(T0);
    await world.tick(T0 + 61_000);
    await settle(runner);
    const { rows } = await database.pool.query('select incident_id from incidents');
    expect(rows).toEqual([{ incident_id: 'inc_1' }]);
    expect(runner.tickMs).toBe(T0 + 61_000);
  });

  it('still waits for a database that is away', async () => {
    const runner = await world.runner();
    world.journal.add(CONTROL_STREAM, { kind: 'calls', items: calls('a') });
    await world.tick(T0);
    await leadership.release();
    const other = await Leadership.tryAcquire(database.url);
    await expect(settle(runner)).rejects.toMatchObject({ code: 'lease.lost' });
    expect(world.letters).toEqual([]);
    await other?.release();
  });
});

describe('DecisionRunner, when the network changes', () => {
  it('hands the stage the network it does not have yet, at the tick it was told of', async () => {
    world.networkVersion = 3;
    const runner = await world.runner();
    world.journal.add(CONTROL_STREAM, { kind: 'network', items: [{ version: 3 }] });
    await world.tick(T0);
    await settle(runner);
    expect(world.stage.networks).toHaveLength(0);
    world.journal.add(CONTROL_STREAM, { kind: 'network', items: [{ version: 4 }] });
    await settle(runner);
    expect(world.stage.networks).toHaveLength(0);
    await world.tick(T0 + 5000);
    await settle(runner);
    expect(world.stage.networks).toHaveLength(1);
  });
});

describe('DecisionRunner, told of repairs', () => {
  it('hands the stage what tickets and imports say, at the tick after them', async () => {
    const runner = await world.runner();
    const at = new Date(T0).toISOString();
    const ticket = { ticketId: 'T-7', resourceId: 'S5', saidAt: at };
    const past = { id: 'I1', startedAt: at, lastedUntil: at, endedBy: null };
    world.journal.add(CONTROL_STREAM, { kind: 'tickets', items: [ticket] });
    world.journal.add(CONTROL_STREAM, { kind: 'pastIncidents', items: [past] });
    await settle(runner);
    expect(world.stage.told).toEqual([]);
    await world.tick(T0);
    await settle(runner);
    expect(world.stage.told).toEqual([ticket, past]);
  });
});

describe('DecisionRunner, behind', () => {
  it('says so and names the shard it waits for, until that comes', async () => {
    const runner = await world.runner();
    await world.tick(T0, false);
    await settle(runner);
    expect(runner.condition).toBeUndefined();
    world.nowMs = T0 + 121_000;
    await settle(runner);
    expect(runner.condition).toEqual({
      detail: `121 s of network time behind, waits for ${SHARD}`,
      reason: 'behind',
    });
    await world.events.append(SHARD, T0, 1, []);
    await settle(runner);
    expect(runner.condition).toBeUndefined();
  });
});
