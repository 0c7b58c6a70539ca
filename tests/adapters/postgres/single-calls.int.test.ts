import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PostgresDecisionTransaction } from '../../../src/adapters/postgres/decision-transaction.js';
import { importFile } from '../../../src/adapters/postgres/import-file.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { CallInterval } from '../../../src/domain/facts.js';
import type { SingleCall } from '../../../src/domain/single-call.js';
import { TickWriter } from '../../../src/runtime/decisions/tick-writer.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

const T0 = Date.parse('2026-03-10T14:00:00Z');
const MINUTE = 60_000;

let database: TestDatabase;
let folder: string;
/** calls that a forecaster would hold after what it was told */
let held = 0;
beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-single-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(empty);

async function empty(): Promise<void> {
  held = 0;
  await database.pool.query('truncate calls, single_call_ids');
}

const at = (minute: number): string => new Date(T0 + minute * MINUTE).toISOString();
const one = (minute: number, more: object = {}): SingleCall => ({
  queue: 'care',
  time: at(minute),
  ...more,
});
const total = (minute: number, minutes: number, offered: number, area = ''): CallInterval => ({
  queue: 'care',
  area,
  start: at(minute),
  intervalSeconds: minutes * 60,
  offered,
});

/** One tick that brings these. @returns the letters of what was left out */
async function tick(singles: readonly SingleCall[], totals: readonly CallInterval[] = []) {
  return withTransaction(database.pool, async (client) => {
    const writer = new TickWriter(new PostgresDecisionTransaction(client, 1, {} as never), false);
    const told = [await writer.calls(totals), await writer.singleCalls(singles)];
    for (const { added, replaced } of told) {
      for (const { offered } of added) held += offered;
      for (const { offered } of replaced) held -= offered;
    }
    return writer.letters;
  });
}

const stored = async (): Promise<number> =>
  (await database.pool.query('select coalesce(sum(offered), 0) as sum from calls')).rows[0].sum;

test('single calls are added to their minute, tick after tick, with what is known of them', async () => {
  await tick([one(0.1, { outcome: 'answered', handleSeconds: 100 }), one(0.2)]);
  await tick([one(0.9, { outcome: 'abandoned' }), one(0.5, { area: 'north' })]);
  const { rows } = await database.pool.query(
    'select area, offered, answered, abandoned, handle_seconds from calls order by area',
  );
  expect(rows).toEqual([
    { area: '', offered: 3, answered: 1, abandoned: 1, handle_seconds: 100 },
    { area: 'north', offered: 1, answered: null, abandoned: null, handle_seconds: null },
  ]);
  expect(held).toBe(4);
});

test('one that names itself counts once, however often it is sent', async () => {
  await tick([one(0, { callId: 'a' }), one(0, { callId: 'a' }), one(0, { callId: 'b' })]);
  await tick([one(0, { callId: 'a' }), one(0), one(0)]);
  expect([await stored(), held]).toEqual([4, 4]);
});

test('a quiet stretch between two calls of a day had none', async () => {
  await tick([one(0)]);
  await tick([one(17)]);
  const { rows } = await database.pool.query(
    'select starts_at from calls where offered = 0 order by starts_at',
  );
  expect(rows.map(({ starts_at }) => (starts_at.getTime() - T0) / MINUTE)).toEqual([5, 10, 15]);
});

test('a total takes the place of single calls, and later ones are left out by name', async () => {
  await tick([one(3), one(14), one(15)]);
  expect(await tick([one(4)], [total(0, 15, 60, 'north')])).toMatchObject([
    {
      reason: 'calls.counted',
      detail:
        '1 single calls were left out: queue "care" has a total of 900 s from 2026-03-10T14:00Z over this time, which counts: nothing is counted twice',
    },
  ]);
  expect([await stored(), held]).toEqual([61, 61]);
});

test('nothing is counted twice in any mix of totals and single calls', async () => {
  const single = fc.record({ minute: fc.double({ min: 0, max: 59.9, noNaN: true }) });
  const totals = fc.record({
    minute: fc.integer({ min: 0, max: 50 }),
    minutes: fc.constantFrom(1, 5, 15, 30, 60),
    area: fc.constantFrom('', 'north'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(single, { maxLength: 5 }), fc.option(totals)), { maxLength: 5 }),
      async (ticks) => {
        await empty();
        for (const [singles, each] of ticks) {
          await tick(
            singles.map(({ minute }) => one(minute, { area: minute > 30 ? 'south' : '' })),
            each ? [total(each.minute, each.minutes, 7, each.area)] : [],
          );
        }
        const { rows } = await database.pool.query(
          `select 1 from calls s join calls t on s.queue = t.queue and s.from_single and not t.from_single
             and s.starts_at < t.starts_at + make_interval(secs => t.interval_seconds)
             and t.starts_at < s.starts_at + make_interval(secs => s.interval_seconds)`,
        );
        expect(rows).toEqual([]);
        expect(held).toBe(await stored());
      },
    ),
    { numRuns: 40 },
  );
});

test('the same holds for files: totals and single calls take the place of live ones', async () => {
  const importing = async (lines: readonly string[], format?: 'single') => {
    const path = join(folder, `${lines.length}.csv`);
    await writeFile(path, lines.join('\n'));
    return importFile(database.pool, 'calls', path, {
      phoneSecret: 's',
      ...(format === undefined ? {} : { format }),
    });
  };
  await tick([one(1), one(2), one(7), one(20)]);
  await importing(['time,queue', `${at(1)},care`, `${at(2.5)},care`, `${at(4)},care`], 'single');
  expect(await stored()).toBe(3 + 2);
  expect(await tick([one(3)])).toHaveLength(1);
  await importing(['start,queue,interval_seconds,offered', `${at(1)},care,60,9`]);
  expect(await stored()).toBe(9 + 2);
});
