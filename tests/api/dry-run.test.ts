import { afterAll, beforeAll, expect, it } from 'vitest';
import { dryRunLines } from '../../src/commands/texts-dry-run.js';
import type { DryRun } from '../../src/domain/dry-run.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  numberOf,
  policy,
  T0,
} from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await testDatabase();
  server = await testServer(database.pool, { networkNow: () => T0 });
  await insertNetwork(database.pool, 1);
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, usual: { 'S1-1': 1 }, kind: 'machine' },
  ]);
  const asking = { ...policy, approval: { ...policy.approval, abovePeople: 0 } };
  await new OutboxWorld(database.pool, asking).decide(incident(['S1-1']));
});
afterAll(async () => {
  await server.app.close();
  await database.close();
});

it('says on request who would be told what, and hides numbers', async () => {
  const cookie = await server.signIn('viewer');
  const reply = await server.app.inject({
    url: '/api/v1/incidents/inc_1/dry-run',
    headers: { cookie },
  });
  const run = reply.json<DryRun>();
  expect(reply.statusCode, reply.body).toBe(200);
  expect(reply.body).not.toContain(numberOf(1));
  expect(run.totals).toMatchObject({ messages: 1, price: 0.05, leftOut: 1 });
  const lines = dryRunLines(run);
  expect(lines).toContain('no message: 1 kindExcluded');
  expect(lines.at(-3)).toBe('1 messages, 1 segments, 0.05 EUR; 0 not sent, 1 without a message');
  expect(lines.at(-1)).toBe('left of the budget after it: incident no limit, month no limit');
});

it('tries out an incident that might be, for operators, and names what it cannot', async () => {
  const post = async (role: 'viewer' | 'operator', payload: object) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/dry-run',
      headers: { cookie: await server.signIn(role), origin: PUBLIC_URL },
      payload,
    });
  expect((await post('viewer', { cells: ['S1-1'] })).statusCode).toBe(403);
  const supposed = await post('operator', { cells: ['S1-1'] });
  expect(supposed.json<DryRun>()).toMatchObject({
    incidentId: null,
    wave: { isDecided: false },
    totals: { messages: 1 },
  });
  const wrong = await post('operator', { cells: ['S7-1'] });
  expect([wrong.statusCode, wrong.json().message]).toEqual([
    400,
    'cells: S7-1 not in the inventory, allowed: ids of cells in it',
  ]);
  const absent = await server.app.inject({
    url: '/api/v1/incidents/inc_9/dry-run',
    headers: { cookie: await server.signIn('viewer') },
  });
  expect(absent.statusCode).toBe(404);
});
