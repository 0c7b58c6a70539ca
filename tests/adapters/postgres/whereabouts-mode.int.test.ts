import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JournalIntake } from '../../../src/adapters/postgres/intake.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { PostgresPresenceWriter } from '../../../src/adapters/postgres/presence-writer.js';
import { UsualLearner } from '../../../src/adapters/postgres/usual-learner.js';
import { enforceMode } from '../../../src/adapters/postgres/whereabouts-mode.js';
import { DAY_PARTS, type DayPart } from '../../../src/impact/day-parts.js';
import { learnDay } from '../../../src/impact/learn-usual.js';
import { PRESENCE_STREAM } from '../../../src/runtime/ports.js';
import {
  impactRules,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  SECRET,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Wednesday, 10:00 in Paris: the part `workDay` begins. */
const TEN = T0 - 4 * HOUR;
const rules = impactRules.whereabouts;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 3);
});
afterAll(() => database.close());
beforeEach(async () => {
  await enforceMode(database.pool, 'learnt');
  await database.pool.query(
    'truncate subscribers, subscriber_identifiers, usual_cells, last_seen, seen_hours, journal',
  );
});

async function count(table: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from ${table}`,
  );
  return rows[0]?.n ?? -1;
}

async function see(person: number, cell: string, atMs: number): Promise<void> {
  const writer = new PostgresPresenceWriter(database.pool, impactRules, SECRET);
  const subscriber = `20801${String(person).padStart(10, '0')}`;
  await writer.apply([{ subscriber, cell, time: new Date(atMs).toISOString() }], atMs + MINUTE);
}

async function usualOf(person: number, part: DayPart): Promise<Map<string, number>> {
  const { rows } = await database.pool.query<{ cell_id: string; weight: number }>(
    `select n.cell_id, u.weight from usual_cells u join cell_numbers n using (cell_no)
     where u.subscriber_id = $1 and u.part = $2`,
    [person, part],
  );
  return new Map(rows.map((row) => [row.cell_id, row.weight]));
}

describe('the mode of whereabouts', () => {
  it('keeps what it allows and deletes what a former mode has left', async () => {
    const person = { id: 1, usual: { 'S1-1': 0.8 }, seen: { cell: 'S1-1', atMs: T0 } };
    await insertSubscribers(database.pool, [person]);
    await enforceMode(database.pool, 'learnt');
    expect([await count('usual_cells'), await count('last_seen')]).toEqual([1, 1]);
    await enforceMode(database.pool, 'lastSeen');
    expect([await count('usual_cells'), await count('last_seen')]).toEqual([0, 1]);
    await enforceMode(database.pool, 'declared');
    expect([await count('last_seen'), await count('seen_hours')]).toEqual([0, 0]);
  });

  it('has refused what it does not allow, whoever writes it', async () => {
    await enforceMode(database.pool, 'declared');
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 0.8 } }]);
    await see(1, 'S1-1', T0);
    expect([await count('usual_cells'), await count('last_seen')]).toEqual([0, 0]);
    await enforceMode(database.pool, 'lastSeen');
    await see(1, 'S1-1', T0);
    await see(1, 'S1-2', T0 + HOUR);
    expect([await count('last_seen'), await count('seen_hours')]).toEqual([1, 0]);
  });

  it('journals no sighting when none may be kept', async () => {
    const journal = new PostgresJournal(database.pool);
    const seen = { subscriber: '208010000000001', cell: 'S1-1', time: new Date(T0).toISOString() };
    const sighting = { kind: 'presence', items: [seen] } as const;
    await new JournalIntake(journal, { shards: 1, keepsSightings: false }).accept([sighting]);
    expect(await journal.read(PRESENCE_STREAM, -1, 10)).toEqual([]);
    await new JournalIntake(journal, { shards: 1 }).accept([sighting]);
    expect(await journal.read(PRESENCE_STREAM, -1, 10)).toHaveLength(1);
  });
});

describe('learning usual cells in Postgres', () => {
  const learner = () => new UsualLearner(database.pool, rules, 'Europe/Paris');
  const declared = new Map(
    ['S1-1', 'S1-2', 'S1-3'].map((cell) => [cell, rules.atHome.workDay / 3] as const),
  );

  it('waits for the part of the week to be over, then learns what the reference learns', async () => {
    await insertSubscribers(database.pool, [{ id: 1, homeSite: 'S1' }, { id: 2 }]);
    let known = new Map<string, number>();
    for (let day = 0; day < 2; day++) {
      const at = TEN + day * DAY;
      await see(1, 'S2-1', at + 5 * MINUTE);
      await see(1, 'S2-1', at + 25 * MINUTE);
      await see(1, 'S2-1', at + 2 * HOUR);
      await see(1, day === 0 ? 'S1-2' : 'S3-1', at + 4 * HOUR);
      expect(await learner().turn(at + 7 * HOUR)).toBe('idle');
      while ((await learner().turn(at + 9 * HOUR)) === 'busy');
      const last = day === 0 ? 'S1-2' : 'S3-1';
      known = learnDay(
        known,
        new Map([
          ['S2-1', 2],
          [last, 1],
        ]),
        declared,
        rules,
      );
      const found = await usualOf(1, DAY_PARTS.workDay);
      expect([...found.keys()].sort()).toEqual([...known.keys()].sort());
      for (const [cell, weight] of known) expect(found.get(cell)).toBeCloseTo(weight, 5);
    }
    expect(await usualOf(2, DAY_PARTS.workDay)).toEqual(new Map());
    expect(await count('seen_hours')).toBe(0);
  });

  it('keeps parts of the week apart and learns nothing twice', async () => {
    await insertSubscribers(database.pool, [{ id: 1 }]);
    await see(1, 'S1-1', TEN + HOUR);
    await see(1, 'S3-1', TEN + 10 * HOUR);
    while ((await learner().turn(TEN + 2 * DAY)) === 'busy');
    expect([...(await usualOf(1, DAY_PARTS.workDay)).keys()]).toEqual(['S1-1']);
    expect([...(await usualOf(1, DAY_PARTS.workEvening)).keys()]).toEqual(['S3-1']);
    const before = await usualOf(1, DAY_PARTS.workDay);
    expect(await learner().turn(TEN + 3 * DAY)).toBe('idle');
    expect(await usualOf(1, DAY_PARTS.workDay)).toEqual(before);
  });

  it('learns nothing in another mode and forgets somebody erased at once', async () => {
    await insertSubscribers(database.pool, [{ id: 1 }]);
    await see(1, 'S1-1', TEN);
    const other = new UsualLearner(database.pool, { ...rules, mode: 'lastSeen' }, 'Europe/Paris');
    expect(await other.turn(TEN + 2 * DAY)).toBe('idle');
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    expect(await count('seen_hours')).toBe(0);
  });
});
