import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import type { Fact } from '../../../src/domain/facts.js';
import { ReportBlockBuilder } from '../../../src/domain/report-block.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const EPOCH_MS = Date.UTC(2024, 0, 15);
let database: TestDatabase;
let journal: PostgresJournal;
beforeAll(async () => {
  database = await testDatabase();
  journal = new PostgresJournal(database.pool);
});
afterAll(() => database.close());

const tick = (nowMs: number): Fact => ({ kind: 'tick', nowMs });

function reports(rows: number, seed = 0): Fact {
  const shape = { feed: 'ran', objectType: 'cell', periodSeconds: 900, kpis: ['a', 'b'] } as const;
  const builder = new ReportBlockBuilder(shape);
  for (let row = 0; row < rows; row++) {
    builder.addRow(`cell-${row}`, EPOCH_MS);
    builder.set(row, 0, row / 7 + seed, row);
    if (row % 3 > 0) builder.set(row, 1, row);
  }
  return { kind: 'reports', block: builder.finish() };
}

const everyKind: Fact[] = [
  reports(5),
  {
    kind: 'alarms',
    items: [
      {
        alarmId: 'a1',
        objectId: 'c1',
        perceivedSeverity: 'major',
        probableCause: 'panne – réseau',
        alarmRaisedTime: '2024-01-15T00:00:00Z',
      },
    ],
  },
  {
    kind: 'presence',
    items: [{ subscriber: '208010000000001', cell: 'c1', time: '2024-01-15T00:00:00Z' }],
  },
  {
    kind: 'calls',
    items: [{ queue: 'q', start: '2024-01-15T00:00:00Z', intervalSeconds: 900, offered: 12.5 }],
  },
  {
    kind: 'acts',
    items: [
      {
        actId: 'x',
        at: '2024-01-15T00:00:00Z',
        actor: 'noc',
        why: 'seen',
        action: 'acknowledge',
        incidentId: 'inc_1',
      },
    ],
  },
  tick(EPOCH_MS),
];

test('reads back every kind of fact exactly, in order', async () => {
  const last = await journal.append('exact', everyKind);
  expect(last).toBe(everyKind.length - 1);
  const entries = await journal.read('exact', -1, 100);
  expect(entries).toEqual(everyKind.map((fact, offset) => ({ offset, fact })));
  expect(await journal.read('exact', last, 100)).toEqual([]);
});

test('offsets have no gap under concurrent writers, some of which fail', async () => {
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 10; round++) {
      const facts = Array.from({ length: 1 + (round % 4) }, () => tick(writer * 100 + round));
      // JSON has no bigint: the position cannot be stored, so the whole batch is rolled back
      const bad = round % 5 === 4 ? [{ source: 's', position: 1n }] : [];
      await journal.append('dense', facts, ...bad).catch(() => undefined);
    }
  });
  const seen: number[] = [];
  const reader = async (): Promise<void> => {
    let after = -1;
    for (let turn = 0; turn < 40; turn++) {
      for (const { offset } of await journal.read('dense', after, 1000)) {
        seen.push(offset);
        after = offset;
      }
    }
  };
  await Promise.all([...writers, reader()]);
  const all = (await journal.read('dense', -1, 10_000)).map(({ offset }) => offset);
  expect(all).toEqual(all.map((_, place) => place));
  expect(await journal.lastOffset('dense')).toBe(all.length - 1);
  // what a reader saw while others wrote never skipped an entry that came later
  expect(seen).toEqual(seen.map((_, place) => place));
});

test('two writers of the same streams in opposite order do not wait for each other', async () => {
  const batch = (...streams: string[]) => streams.map((stream) => ({ stream, facts: [tick(1)] }));
  const rounds = Array.from({ length: 20 }, (_, round) =>
    journal.appendAll(round % 2 === 0 ? batch('x', 'y') : batch('y', 'x')),
  );
  await Promise.all(rounds);
  expect(await journal.lastOffset('x')).toBe(19);
  expect(await journal.lastOffset('y')).toBe(19);
});

test('a source position is stored with its facts or not at all', async () => {
  await journal.append('p', [tick(1)], { source: 'influx:ran', position: { cursor: 7 } });
  expect(await journal.position('influx:ran')).toEqual({ cursor: 7 });
  expect(await journal.position('never')).toBeUndefined();
  const poison = [{ kind: 'calls', items: [{ offered: 1n }] }] as unknown as Fact[];
  const failing = journal.append('p', poison, { source: 'influx:ran', position: { cursor: 8 } });
  await expect(failing).rejects.toThrow();
  expect(await journal.position('influx:ran')).toEqual({ cursor: 7 });
  expect(await journal.lastOffset('p')).toBe(0);
});

test('pruning forgets entries and never reuses their offsets', async () => {
  await journal.append('short', [tick(1), tick(2), tick(3)]);
  expect(await journal.prune('short', 2)).toBe(3);
  expect(await journal.lastOffset('short')).toBe(2);
  expect(await journal.append('short', [tick(4)])).toBe(3);
  expect(await journal.read('short', -1, 10)).toEqual([{ offset: 3, fact: tick(4) }]);
});

test('one read hands over a bounded number of bytes, at least one entry', async () => {
  const small = new PostgresJournal(database.pool, 10_000);
  const facts = [reports(2000), reports(2000, 1), tick(5)];
  await journal.append('large', facts);
  expect((await small.read('large', -1, 100)).map(({ fact }) => fact)).toEqual([facts[0]]);
  expect((await small.read('large', 0, 100)).map(({ fact }) => fact)).toEqual([facts[1]]);
  expect((await journal.read('large', -1, 100)).map(({ fact }) => fact)).toEqual(facts);
});
