import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { applyWaveAct } from '../../../src/adapters/postgres/wave-acts.js';
import type { OperatorAct } from '../../../src/domain/facts.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  policy,
  resolved,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { accepted, OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, {
    ...policy,
    approval: { ...policy.approval, abovePeople: 1.5 },
  });
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, usual: { 'S1-1': 1 } },
    { id: 3, usual: { 'S2-1': 1 } },
  ]);
});

function act(action: OperatorAct['action'], actId = 'act_1'): Promise<string[]> {
  const at = new Date(T0).toISOString();
  return withTransaction(database.pool, (client) =>
    applyWaveAct(client, { actId, at, actor: 'ada', why: 'a test', action, incidentId: 'inc_1' }),
  );
}

async function waves(): Promise<string[]> {
  const { rows } = await database.pool.query('select kind, state from waves order by kind');
  return rows.map(({ kind, state }) => `${kind} ${state}`);
}

describe('acts on waves', () => {
  it('keeps a wave above the limit until somebody approves it, and then at its word', async () => {
    expect(await world.decide(incident(['S1-1']))).toBe('awaitingApproval');
    expect(await world.sendAll()).toEqual([]);
    expect(await act('approve')).toHaveLength(1);
    await world.decide(incident(['S1-1']), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toHaveLength(2);
    const { rows } = await database.pool.query('select actor, action, why from audit_log');
    expect(rows).toEqual([{ actor: 'ada', action: 'wave.approve', why: 'a test' }]);
  });

  it('asks for approval when an incident grows beyond the limit', async () => {
    expect(await world.decide(incident(['S2-1']))).toBe('expanding');
    expect(await world.sendAll()).toHaveLength(1);
    await world.decide(incident(['S1-1', 'S2-1'], { revision: 2 }), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    await act('approve');
    expect(await world.sendAll(T0 + MINUTE)).toHaveLength(2);
  });

  it('stops a wave that is held in the middle, and goes on when it is approved again', async () => {
    await world.decide(incident(['S1-1']));
    await act('approve');
    await world.expandAll();
    expect((await world.handOver(T0, 1)).messages).toHaveLength(1);
    await act('hold', 'act_2');
    await world.decide(incident(['S1-1'], { revision: 2 }), T0 + MINUTE);
    expect((await world.handOver(T0 + MINUTE)).messages).toEqual([]);
    await act('approve', 'act_3');
    expect(await world.sendAll(T0 + MINUTE)).toHaveLength(1);
  });

  it('gives up what is left of a cancelled wave, for good', async () => {
    await world.decide(incident(['S1-1']));
    await act('approve');
    await world.expandAll();
    await act('cancel', 'act_2');
    await world.decide(incident(['S1-1', 'S2-1'], { revision: 2 }), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    expect(await act('approve', 'act_3')).toEqual([]);
    expect(await world.states()).toEqual({ 'onset suppressed waveCancelled': 2 });
  });

  it('ends what is still held when the incident is over', async () => {
    await world.decide(incident(['S2-1']));
    await world.expandAll();
    await act('hold');
    await world.decide(resolved(incident(['S2-1'])), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toEqual([]);
    expect(await world.states()).toEqual({ 'onset suppressed waveCancelled': 1 });
  });

  it('holds the messages of an incident that was held while it was only suspected', async () => {
    const suspected = incident(['S2-1'], { state: 'suspected', detectedAt: null });
    await world.decide(suspected);
    expect(await act('hold')).toEqual([]);
    await world.decide(incident(['S2-1'], { revision: 2 }), T0 + MINUTE);
    await world.decide(incident(['S2-1'], { revision: 3 }), T0 + 2 * MINUTE);
    expect(await world.sendAll(T0 + 2 * MINUTE)).toEqual([]);
    expect(await waves()).toEqual(['onset held']);
    expect(await act('approve', 'act_2')).toHaveLength(1);
    await world.decide(incident(['S2-1'], { revision: 4 }), T0 + 3 * MINUTE);
    expect(await world.sendAll(T0 + 3 * MINUTE)).toHaveLength(1);
  });

  it('tells nobody of an incident that was cancelled before it opened', async () => {
    await world.decide(incident(['S2-1'], { state: 'suspected', detectedAt: null }));
    await act('cancel');
    await world.decide(incident(['S2-1'], { revision: 2 }), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    expect(await waves()).toEqual(['onset cancelled']);
  });

  it('lets go what was held and approved again before there was a wave', async () => {
    await world.decide(incident(['S2-1'], { state: 'suspected', detectedAt: null }));
    await act('hold');
    await act('approve', 'act_2');
    await world.decide(incident(['S2-1'], { revision: 2 }), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toHaveLength(1);
  });

  it('asks again when an incident goes on whose wave ended undecided, and tells nobody twice', async () => {
    await world.decide(incident(['S1-1']));
    await act('approve');
    await world.expandAll();
    expect((await world.sendAll(T0, accepted)).length).toBe(2);
    await insertSubscribers(database.pool, [{ id: 4, usual: { 'S2-1': 1 } }]);
    await world.decide(incident(['S1-1', 'S2-1'], { revision: 2 }), T0 + MINUTE);
    await world.expandAll();
    await act('hold', 'act_2');
    await act('approve', 'act_3');
    await act('hold', 'act_4');
    await world.decide(resolved(incident(['S1-1', 'S2-1'])), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toHaveLength(2); // restored, to those told
    const again = incident(['S1-1', 'S2-1'], { revision: 5 });
    await world.decide(again, T0 + 33 * MINUTE);
    expect(await world.sendAll(T0 + 33 * MINUTE)).toEqual([]);
    expect(await act('approve', 'act_5')).toHaveLength(1);
    await world.decide({ ...again, revision: 6 }, T0 + 34 * MINUTE);
    const sent = await world.sendAll(T0 + 34 * MINUTE);
    expect(sent).toHaveLength(2); // subscribers 3 and 4, who were never told
    await world.decide({ ...again, revision: 7 }, T0 + 35 * MINUTE);
    expect(await world.sendAll(T0 + 35 * MINUTE)).toEqual([]);
  });

  it('waits for a person when an incident goes on, even if few people are left', async () => {
    await world.decide(incident(['S1-1']));
    await world.decide(resolved(incident(['S1-1'])), T0 + 10 * MINUTE);
    await world.decide(incident(['S2-1'], { revision: 5 }), T0 + 12 * MINUTE);
    await world.decide(incident(['S2-1'], { revision: 6 }), T0 + 13 * MINUTE);
    expect(await world.sendAll(T0 + 13 * MINUTE)).toEqual([]);
    expect(await waves()).toEqual(['onset awaitingApproval']);
    await act('approve');
    expect(await world.sendAll(T0 + 13 * MINUTE)).toHaveLength(1);
  });

  it('does nothing about acts that are not about waves', async () => {
    await world.decide(incident(['S1-1']));
    expect(await act('acknowledge')).toEqual([]);
    expect(await act('killSwitchOn')).toEqual([]);
  });
});
