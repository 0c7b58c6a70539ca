import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallPatternItem } from '../../src/api/ports.js';
import type { Role } from '../../src/domain/role.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { seedPlanner } from './planner-world.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let db: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  db = await testDatabase();
  await seedPlanner(db.pool);
  server = await testServer(db.pool);
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

async function list(query = ''): Promise<CallPatternItem[]> {
  const cookie = await server.signIn('planner');
  const url = `/api/v1/call-patterns${query}`;
  return (await server.app.inject({ url, headers: { cookie } })).json();
}

async function post(act: 'revert' | 'resume', payload: object, role: Role = 'planner') {
  const cookie = await server.signIn(role);
  const headers = { cookie, origin: PUBLIC_URL };
  return server.app.inject({
    method: 'POST',
    url: `/api/v1/call-patterns/${act}`,
    headers,
    payload,
  });
}

describe('call patterns', () => {
  it('are listed with what they were learnt from, their errors, and how far they drift', async () => {
    const [pattern] = await list('?queue=mobile');
    expect(pattern).toMatchObject({ queue: 'mobile', inUse: 3, previousVersion: 2, putBack: null });
    expect(pattern?.versions[0]).toMatchObject({
      version: 3,
      from: '2025-11-08',
      to: '2026-03-05',
      why: 'nightly',
      recentWape: 0.12,
      usualWape: 0.06,
    });
    expect(pattern?.drift).toMatchObject({ hasDrifted: true, times: 2 });
    expect(pattern?.drift.issuedWape).toBeCloseTo(0.05);
    expect(pattern?.drift.done).toMatch(/last eight weeks alone/);
    expect(await list()).toEqual([pattern]);
    expect(await list('?queue=none')).toEqual([]);
  });

  it('are put back by a planner, journalled and audited with who and why', async () => {
    const reply = await post('revert', { queue: 'mobile', why: 'a day was doubled' });
    expect(reply.statusCode).toBe(202);
    expect(server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'revertPattern', queue: 'mobile', why: 'a day was doubled' }],
    });
    const { rows } = await db.pool.query(
      "select target, why from audit_log where action = 'revertPattern'",
    );
    expect(rows).toEqual([{ target: 'mobile', why: 'a day was doubled' }]);
  });

  it.each([
    ['an agent', 'revert', { queue: 'mobile', why: 'so it is' }, 403, /role planner/],
    [
      'a queue that is unknown',
      'revert',
      { queue: 'moble', why: 'so it is' },
      404,
      /nothing was learnt/,
    ],
    ['forward what was not put back', 'resume', { why: 'so it is' }, 404, /mobile uses 3/],
    ['no reason', 'revert', { queue: 'mobile' }, 400, /why/],
  ] as const)('refuse %s', async (what, act, payload, status, message) => {
    const reply = await post(act, payload, what === 'an agent' ? 'agent' : 'planner');
    expect(reply.statusCode).toBe(status);
    expect(reply.json().message).toMatch(message);
  });
});
