import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/domain/incident.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  policy,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const DAY = 1440 * MINUTE;
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, policy);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await database.pool.query('truncate audit_log');
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, usual: { 'S1-1': 1 } },
  ]);
});

/** Decides about an incident of its own that is so sure. */
function decide(id: string, certainty: number, atMs = T0): Promise<string> {
  const change: Partial<Incident> = { id, lineageId: id, certainty };
  return world.decide(incident(['S1-1'], change), atMs);
}

describe('a silenced incident', () => {
  it('keeps back the texts that are on their way, and they leave once it is over', async () => {
    await decide('inc_1', 0.998);
    await world.expandAll();
    const silencedUntil = new Date(T0 + 60 * MINUTE).toISOString();
    await world.decide(incident(['S1-1'], { lineageId: 'inc_1', silencedUntil }), T0 + MINUTE);
    expect((await world.handOver(T0 + MINUTE)).messages).toEqual([]);
    await decide('inc_1', 0.998, T0 + 61 * MINUTE);
    await database.pool.query(`update outbox set not_before = null`);
    expect((await world.handOver(T0 + 61 * MINUTE)).messages).toHaveLength(2);
  });
});

describe('the budget of wrong waves', () => {
  it('is used up by the doubts of waves that went by themselves, and comes back after a year', async () => {
    expect(await decide('inc_1', 0.4)).toBe('expanding');
    expect(await decide('inc_2', 0.4, T0 + MINUTE)).toBe('awaitingApproval');
    expect(await decide('inc_3', 0.9, T0 + 2 * MINUTE)).toBe('expanding');
    expect(await decide('inc_4', 0.4, T0 + 366 * DAY)).toBe('expanding');
  });

  it('is not asked again about a wave that is on its way', async () => {
    await decide('inc_1', 0.4);
    await decide('inc_2', 0.7, T0 + MINUTE);
    expect(await decide('inc_1', 0.4, T0 + 2 * MINUTE)).toBe('expanding');
  });

  it('does not count what a person let go', async () => {
    await decide('inc_1', 0.4);
    await database.pool.query(`update waves set approved_by = 'ada'`);
    expect(await decide('inc_2', 0.4, T0 + MINUTE)).toBe('expanding');
  });

  it('is gone for the year once a wave was wrong', async () => {
    await decide('inc_1', 0.99);
    expect(await decide('inc_2', 0.99, T0 + MINUTE)).toBe('expanding');
    await database.pool.query(
      `insert into audit_log (actor, action, target, why) values ('ada', 'notAnIncident', 'inc_1', 'no')`,
    );
    expect(await decide('inc_3', 0.99, T0 + 2 * MINUTE)).toBe('awaitingApproval');
  });
});
