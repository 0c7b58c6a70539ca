import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { wallClock } from '../../src/runtime/clock.js';
import { loadRules } from '../../src/service/rules.js';
import { Service } from '../../src/service/service.js';
import { Door } from '../services/door.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

function serviceAt(url: string, said: string[], stopMs: number): Service {
  return new Service({
    databaseUrl: url,
    phoneSecret: 'a secret for tests only',
    maxConnections: 8,
    rules: loadRules(),
    feeds: [],
    shards: 1,
    tickMs: 20,
    network: wallClock,
    speed: 1,
    retention: { journalMs: 3_600_000, forecastDays: 1, presenceHours: 1, historyDays: 1 },
    checkpointMs: 60_000,
    stopMs,
    publish: () => undefined,
    log: pino({ level: 'warn' }, { write: (line: string) => said.push(line) }),
  });
}

async function whenDeciding(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool.query('select 1 from decision_state');
      expect(rows).toHaveLength(1);
    },
    { timeout: 20_000, interval: 50 },
  );
}

describe('stopping a service', () => {
  it('leaves every stage at its last state', async () => {
    const said: string[] = [];
    const service = serviceAt(database.url, said, 20_000);
    await service.prepare();
    service.start();
    await whenDeciding();
    expect(await service.stop()).toBe(true);
    const { rows } = await database.pool.query('select name from checkpoints');
    expect(rows).toContainEqual({ name: 'telemetry/0' });
    expect(said).toEqual([]);
  });

  it('ends in time though the database answers no more, and says what hung', async () => {
    const door = await Door.before(database.url);
    await door.open();
    const said: string[] = [];
    const service = serviceAt(door.url, said, 500);
    await service.prepare();
    service.start();
    await whenDeciding();
    door.hang();
    expect(await service.stop()).toBe(false);
    expect(said.join('')).toContain('stopping took too long');
    expect(said.join('')).toContain('"step":"loops"');
    await door.shut();
  });
});
