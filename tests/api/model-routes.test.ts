import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let db: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  db = await testDatabase();
  server = await testServer(db.pool);
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

async function post(url: string, payload: object) {
  const cookie = await server.signIn('operator');
  return server.app.inject({
    method: 'POST',
    url,
    headers: { cookie, origin: PUBLIC_URL },
    payload,
  });
}

describe('acts on models', () => {
  it('are journalled and audited with who and why', async () => {
    const reverted = await post('/api/v1/models/revert', { feed: 'pm', why: 'scores mislead' });
    const accepted = await post('/api/v1/objects/S1%2F7/accept-level', { why: 're-tuned' });
    expect([reverted.statusCode, accepted.statusCode]).toEqual([202, 202]);
    expect(server.journalled).toMatchObject([
      { kind: 'acts', items: [{ action: 'revertModel', feed: 'pm', why: 'scores mislead' }] },
      { kind: 'acts', items: [{ action: 'acceptLevel', resource: { id: 'S1/7' } }] },
    ]);
    const { rows } = await db.pool.query(
      "select action, target, why from audit_log where action <> 'signIn' order by id",
    );
    expect(rows).toEqual([
      { action: 'revertModel', target: 'pm', why: 'scores mislead' },
      { action: 'acceptLevel', target: 'S1/7', why: 're-tuned' },
    ]);
  });

  it('need a reason', async () => {
    expect((await post('/api/v1/models/revert', {})).statusCode).toBe(400);
  });
});
