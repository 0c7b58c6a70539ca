import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresPresenceWriter } from '../../../src/adapters/postgres/presence-writer.js';
import {
  impactRules,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  SECRET,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
let writer: PostgresPresenceWriter;

beforeAll(async () => {
  database = await testDatabase();
  writer = new PostgresPresenceWriter(database.pool, impactRules, SECRET);
  await insertNetwork(database.pool, 2);
  await insertSubscribers(database.pool, [{ id: 1 }, { id: 2 }, { id: 3 }]);
});
afterAll(() => database.close());
beforeEach(() => database.pool.query('truncate last_seen'));

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

async function lastSeen(): Promise<Record<number, string>> {
  const { rows } = await database.pool.query<{ subscriber_id: number; cell_id: string }>(
    'select subscriber_id, cell_id from last_seen join cell_numbers using (cell_no) order by 1',
  );
  return Object.fromEntries(rows.map((row) => [row.subscriber_id, row.cell_id]));
}

describe('presence writer', () => {
  it('finds people by IMSI, by number and by number without its plus sign', async () => {
    const counts = await writer.apply(
      [
        { subscriber: '208010000000001', cell: 'S1-1', time: at(0) },
        { subscriber: numberOf(2), cell: 'S1-2', time: at(0) },
        { subscriber: numberOf(3).slice(1), cell: 'S1-3', time: at(0) },
      ],
      T0,
    );
    expect(counts).toEqual({
      applied: 3,
      stale: 0,
      contradictory: 0,
      unknownSubscriber: 0,
      visitors: 0,
      unknownCell: 0,
      future: 0,
    });
    expect(await lastSeen()).toEqual({ 1: 'S1-1', 2: 'S1-2', 3: 'S1-3' });
  });

  it('keeps the newest whatever the order within and between batches', async () => {
    const sightings = [0, 3, 1, 2].map((minute) => ({
      subscriber: numberOf(1),
      cell: `S1-${Math.max(1, minute)}`,
      time: at(minute),
    }));
    const first = await writer.apply(sightings.slice(0, 3), T0);
    const second = await writer.apply(sightings.slice(3), T0);
    const again = await writer.apply(sightings, T0);
    expect([first, second, again].map(({ applied, stale }) => [applied, stale])).toEqual([
      [1, 2],
      [0, 1],
      [0, 4],
    ]);
    expect(await lastSeen()).toEqual({ 1: 'S1-3' });
  });

  it('counts what it cannot use and uses the rest', async () => {
    const counts = await writer.apply(
      [
        { subscriber: '+33999999999', cell: 'S1-1', time: at(0) },
        { subscriber: numberOf(1), cell: 'nowhere', time: at(0) },
        { subscriber: numberOf(2), cell: 'S1-1', time: at(60) },
        { subscriber: numberOf(3), cell: 'S1-1', time: at(0) },
      ],
      T0,
    );
    expect(counts).toEqual({
      applied: 1,
      stale: 0,
      contradictory: 0,
      unknownSubscriber: 1,
      visitors: 0,
      unknownCell: 1,
      future: 1,
    });
  });

  it('does not know a person by a number that was not theirs at the time', async () => {
    await database.pool.query(
      `update subscriber_identifiers set valid_from = $1 where subscriber_id = 3 and kind = 'msisdn'`,
      [at(-10)],
    );
    const sighting = { subscriber: numberOf(3), cell: 'S1-1' };
    const counts = await writer.apply([{ ...sighting, time: at(-20) }], T0);
    expect(counts.unknownSubscriber).toBe(1);
    expect((await writer.apply([{ ...sighting, time: at(-5) }], T0)).applied).toBe(1);
  });

  it('decides between two cells at one moment alike, whichever comes first', async () => {
    const both = ['S1-1', 'S1-2'].map((cell) => ({ subscriber: numberOf(1), cell, time: at(0) }));
    const counts = await writer.apply(both, T0);
    expect(counts).toMatchObject({ applied: 1, contradictory: 1, stale: 0 });
    const chosen = await lastSeen();
    await database.pool.query('truncate last_seen');
    for (const each of both.toReversed()) await writer.apply([each], T0);
    expect(await lastSeen()).toEqual(chosen);
  });

  it('does not learn where somebody is who was erased', async () => {
    const sighting = { subscriber: numberOf(2), cell: 'S1-1', time: at(0) };
    await writer.apply([sighting], T0);
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 2');
    expect(await lastSeen()).toEqual({});
    expect(await writer.apply([sighting], T0)).toMatchObject({ applied: 0, unknownSubscriber: 1 });
    await database.pool.query('update subscribers set erased_at = null where subscriber_id = 2');
  });
});
