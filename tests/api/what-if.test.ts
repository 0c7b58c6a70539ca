import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WhatIfAnswer } from '../../src/api/what-if-schemas.js';
import { basisOf, loadOf, NOW_MS } from '../forecast/basis.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let database: TestDatabase;
let server: TestServer;
let cookie: string;
beforeAll(async () => {
  database = await testDatabase();
  server = await testServer(database.pool);
  cookie = await server.signIn('planner');
});
afterAll(async () => {
  await server.app.close();
  await database.close();
});

const ask = (payload: object) =>
  server.app.inject({
    method: 'POST',
    url: '/api/v1/forecast/what-if',
    payload,
    headers: { cookie, origin: PUBLIC_URL },
  });
const time = (minutes: number): string => new Date(NOW_MS + minutes * 60_000).toISOString();

test('compares courses of action by curve and total, and refuses what the forecast does not hold', async () => {
  expect((await ask({ scenarios: [] })).statusCode).toBe(404);
  await database.pool.query(
    'insert into forecast_basis (singleton, issued_at, basis) values (true, now(), $1)',
    [JSON.stringify(basisOf([loadOf(20_000)]))],
  );
  const scenarios = [
    { name: 'told', notify: { at: time(0) } },
    { name: 'later', repair: { incidentId: 'inc-1', at: time(300) } },
    {
      name: 'ten more',
      calledIn: [{ queue: 'technical', agents: 10, from: time(0), until: time(120) }],
    },
  ];
  const reply = await ask({ queue: 'technical', hours: 2, scenarios });
  const answer = reply.json<WhatIfAnswer>();
  expect(answer).toMatchObject({ issuedAt: time(0), incidents: ['inc-1'], assumedRosters: [] });
  const [asIs, told, later, more] = answer.outcomes;
  expect(asIs?.curve.map(({ start }) => start)).toEqual([0, 15, 30, 45, 60, 75, 90, 105].map(time));
  expect(told?.totals.calls).toBeLessThan(asIs?.totals.calls ?? 0);
  expect(later?.totals.calls).toBeGreaterThan(asIs?.totals.calls ?? 0);
  expect(more?.totals.abandonedCalls).toBeLessThan(asIs?.totals.abandonedCalls ?? 0);

  const both = (await ask({ hours: 2, scenarios: [] })).json<WhatIfAnswer>();
  expect(both.outcomes[0]?.curve[0]?.calls).toBeGreaterThan(asIs?.curve[0]?.calls ?? 0);

  const unknown = await ask({
    scenarios: [{ name: 'x', repair: { incidentId: 'inc-9', at: time(0) } }],
  });
  expect(unknown.statusCode).toBe(400);
  expect(unknown.json().message).toContain('those that do are inc-1');
});
