import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTable } from '../../../src/adapters/postgres/aliases.js';
import { copyRows } from '../../../src/adapters/postgres/import-rows.js';
import { StoredNetwork } from '../../../src/adapters/postgres/import-versions.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;
const NOW = Date.parse('2026-03-10T14:00:00Z');
const options = { phoneSecret: '0'.repeat(64), validFromMs: NOW };
const work = {
  work_id: 'W1',
  resource_id: 'S1',
  starts_at: '2026-03-10T14:00:00Z',
  ends_at: '2026-03-10T16:00:00Z',
};

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe('an import while the service runs', () => {
  it('of works gives the network a new version, and the same again does not', async () => {
    const network = new StoredNetwork(database.pool, () => NOW);
    await network.load();
    const before = await network.version();
    expect(await network.newerThanLoaded(before)).toBeUndefined();
    await copyRows(database.pool, 'works', [work], options);
    const after = await network.version();
    expect(after).toBe(before + 1);
    expect((await network.newerThanLoaded(after))?.works).toMatchObject([{ workId: 'W1' }]);
    expect(await network.newerThanLoaded(after)).toBeUndefined();
    await copyRows(database.pool, 'works', [work], options);
    expect(await network.version()).toBe(after);
  });

  it('of aliases is followed by sources', async () => {
    const aliases = new AliasTable(database.pool);
    await aliases.follow();
    const version = aliases.version;
    await aliases.follow();
    expect(aliases.version).toBe(version);
    const alias = { system: 'oss', alias: 'DN1', object_type: 'cell', object_id: 'S1-1' };
    await copyRows(database.pool, 'aliases', [alias], options);
    await aliases.follow();
    expect(aliases.resolve('oss', 'DN1', NOW)).toBe('S1-1');
  });
});
