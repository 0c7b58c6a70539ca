import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresCheckpoints } from '../../../src/adapters/postgres/checkpoints.js';
import { takeOver } from '../../../src/adapters/postgres/leader.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff);
}

const at = (epoch: number, streamOffset: number, state: Uint8Array) => ({
  schemaVersion: 1,
  epoch,
  streamOffset,
  tickMs: streamOffset * 1000,
  state,
});

async function chunkCount(name: string): Promise<number> {
  const result = await database.pool.query(
    'select count(*)::int as count from checkpoint_chunks where name = $1',
    [name],
  );
  return result.rows[0].count;
}

test('gives back a state of many chunks, and keeps only the newest', async () => {
  const checkpoints = new PostgresCheckpoints(database.pool, 1000);
  expect(await checkpoints.load('telemetry/0')).toBeUndefined();
  const epoch = await takeOver(database.pool, 'telemetry/0');
  await checkpoints.save('telemetry/0', at(epoch, 5, bytes(3500, 1)));
  await checkpoints.save('telemetry/0', at(epoch, 9, bytes(2000, 2)));
  expect(await checkpoints.load('telemetry/0')).toEqual(at(epoch, 9, bytes(2000, 2)));
  expect(await chunkCount('telemetry/0')).toBe(2);
});

test('a state may be empty', async () => {
  const checkpoints = new PostgresCheckpoints(database.pool);
  const epoch = await takeOver(database.pool, 'telemetry/1');
  await checkpoints.save('telemetry/1', at(epoch, 0, new Uint8Array()));
  expect(await checkpoints.load('telemetry/1')).toEqual(at(epoch, 0, new Uint8Array()));
});

test('a crash between chunks leaves the last whole one, and the next save cleans up', async () => {
  const name = 'telemetry/2';
  const epoch = await takeOver(database.pool, name);
  const checkpoints = new PostgresCheckpoints(database.pool, 1000);
  await checkpoints.save(name, at(epoch, 1, bytes(2500, 1)));
  for (const dieAt of [1, 2, 3, 4]) {
    const dying = dyingPool(dieAt);
    const broken = new PostgresCheckpoints(dying, 1000);
    await expect(broken.save(name, at(epoch, 2, bytes(2500, 9)))).rejects.toThrow('crash');
    expect(await checkpoints.load(name)).toEqual(at(epoch, 1, bytes(2500, 1)));
  }
  expect(await chunkCount(name)).toBeGreaterThan(3);
  await checkpoints.save(name, at(epoch, 3, bytes(1500, 3)));
  expect(await checkpoints.load(name)).toEqual(at(epoch, 3, bytes(1500, 3)));
  expect(await chunkCount(name)).toBe(2);
});

/** A pool whose process dies before its n-th statement. */
function dyingPool(dieAt: number): TestDatabase['pool'] {
  let calls = 0;
  return new Proxy(database.pool, {
    get(target, key) {
      if (key !== 'query' && key !== 'connect') return Reflect.get(target, key);
      return (...args: never[]) => {
        if (calls++ >= dieAt) return Promise.reject(new Error('crash'));
        return (target[key as 'query'] as (...given: never[]) => unknown)(...args);
      };
    },
  });
}

test('an owner who was replaced can save nothing', async () => {
  const name = 'telemetry/3';
  const checkpoints = new PostgresCheckpoints(database.pool, 1000);
  const old = await takeOver(database.pool, name);
  await checkpoints.save(name, at(old, 1, bytes(10, 1)));
  const fresh = await takeOver(database.pool, name);
  expect(fresh).toBe(old + 1);
  await expect(checkpoints.save(name, at(old, 2, bytes(10, 2)))).rejects.toMatchObject({
    code: 'lease.lost',
  });
  expect(await checkpoints.load(name)).toEqual(at(old, 1, bytes(10, 1)));
  await checkpoints.save(name, at(fresh, 3, bytes(10, 3)));
  expect(await checkpoints.load(name)).toEqual(at(fresh, 3, bytes(10, 3)));
  expect(await chunkCount(name)).toBe(1);
});

test('loading while another version is saved gives one of the two, whole', async () => {
  const name = 'telemetry/4';
  const checkpoints = new PostgresCheckpoints(database.pool, 500);
  const epoch = await takeOver(database.pool, name);
  await checkpoints.save(name, at(epoch, 0, bytes(5000, 0)));
  const saving = (async () => {
    for (let round = 1; round <= 5; round++) {
      await checkpoints.save(name, at(epoch, round, bytes(5000, round)));
    }
  })();
  for (let look = 0; look < 20; look++) {
    const loaded = await checkpoints.load(name);
    expect(loaded?.state).toEqual(bytes(5000, loaded?.streamOffset ?? -1));
  }
  await saving;
});
