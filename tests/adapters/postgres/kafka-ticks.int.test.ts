import { expect, onTestFinished, test } from 'vitest';
import { PostgresTickLog } from '../../../src/adapters/postgres/kafka-ticks.js';
import { testDatabase } from '../../services/postgres.js';

test('counts, reads, refuses a second writer and prunes all but the last', async () => {
  const database = await testDatabase();
  onTestFinished(() => database.close());
  const log = new PostgresTickLog(database.pool);
  const stream = 'kafka:ran/0';
  expect(await log.countBefore(stream, 1000)).toBe(0);
  await log.append(stream, 0, { slot: 10, nowMs: 1 });
  await log.append(stream, 1, { slot: 11, nowMs: 2 });
  await log.append(stream, 2, { slot: 30, nowMs: 3 });
  await expect(log.append(stream, 2, { slot: 31, nowMs: 3 })).rejects.toMatchObject({
    code: 'lease.lost',
  });
  expect(await log.countBefore(stream, 11)).toBe(1);
  expect(await log.countBefore(stream, 12)).toBe(2);
  expect(await log.read(stream, 11, 10)).toEqual([
    { slot: 11, nowMs: 2 },
    { slot: 30, nowMs: 3 },
  ]);
  expect(await log.prune(stream, 25)).toBe(1);
  expect(await log.countBefore(stream, 25)).toBe(2);
  expect(await log.read(stream, 0, 10)).toHaveLength(2);
});
