import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyAuthorityReport } from '../../src/adapters/postgres/authority-reports.js';
import { withTransaction } from '../../src/adapters/postgres/pool.js';
import type { IncidentDetail } from '../../src/api/schemas.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import { COUNTS, weigh } from '../dashboard/impact-world.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { NOW_MS, seedWorld } from './world.js';

const CLOCK = 'fr-emergency-calls';

let db: TestDatabase;
let server: TestServer;
let cookie: string;

beforeAll(async () => {
  db = await testDatabase();
  await seedWorld(db.pool);
  for (const id of ['inc_fibre', 'inc_old']) await weigh(db.pool, id, COUNTS);
  server = await testServer(db.pool);
  cookie = await server.signIn('operator');
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

/** Asks for an act and carries out what was journalled of it, as a decision does. */
async function act(id: string, body: object) {
  const before = server.journalled.length;
  const url = `/api/v1/incidents/${id}/acts`;
  const answer = await server.app.inject({
    method: 'POST',
    url,
    headers: { cookie, origin: PUBLIC_URL },
    payload: body,
  });
  for (const fact of server.journalled.slice(before)) {
    const items = fact.kind === 'acts' ? fact.items : [];
    for (const item of items) await apply(item);
  }
  return answer;
}

const apply = (item: OperatorAct) =>
  withTransaction(db.pool, (client) => applyAuthorityReport(client, item));

const clockOf = async (id: string) => {
  const answer = await server.app.inject({ url: `/api/v1/incidents/${id}`, headers: { cookie } });
  return answer.json<IncidentDetail>().impact?.clocks?.find((each) => each.id === CLOCK);
};

describe('what was reported to the authority', () => {
  it('stops the clock with who, when and why, is audited, and can be taken back', async () => {
    const done = await act('inc_fibre', { action: 'reported', clock: CLOCK, why: 'COGIC 4711' });
    expect(done.statusCode).toBe(202);
    const reported = {
      at: new Date(NOW_MS).toISOString(),
      by: 'operator of the tests',
      why: 'COGIC 4711',
    };
    expect((await clockOf('inc_fibre'))?.reported).toEqual(reported);
    const again = await act('inc_fibre', { action: 'reported', clock: CLOCK, why: 'twice' });
    expect(again.statusCode).toBe(409);
    const back = await act('inc_fibre', { action: 'undoReported', clock: CLOCK, why: 'not sent' });
    expect(back.statusCode).toBe(202);
    expect((await clockOf('inc_fibre'))?.reported).toBeUndefined();
    const { rows } = await db.pool.query(
      `select action, detail ->> 'clock' as clock from audit_log where target = 'inc_fibre' order by id`,
    );
    expect(rows).toEqual([
      { action: 'reported', clock: CLOCK },
      { action: 'undoReported', clock: CLOCK },
    ]);
  });

  it('may be after the incident is closed', async () => {
    const done = await act('inc_old', {
      action: 'reported',
      clock: CLOCK,
      why: 'the report of 72 h',
    });
    expect(done.statusCode).toBe(202);
    expect((await clockOf('inc_old'))?.reported?.why).toBe('the report of 72 h');
  });

  it('is of a duty that the rules have', async () => {
    const wrong = await act('inc_fibre', { action: 'reported', clock: 'moon', why: 'nothing' });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json().message).toContain(
      `clock moon: allowed are nis2-early-warning, nis2-report`,
    );
    const lacking = await act('inc_fibre', { action: 'reported', why: 'nothing' });
    expect(lacking.statusCode).toBe(400);
  });

  it('stands once, also when the act is carried out again', async () => {
    const base = { at: new Date(NOW_MS).toISOString(), actor: 'Ada', incidentId: 'inc_fibre' };
    const first = { ...base, actId: 'r1', action: 'reported' as const, clock: CLOCK, why: 'first' };
    for (const each of [first, first, { ...first, actId: 'r2', why: 'second' }]) await apply(each);
    expect((await clockOf('inc_fibre'))?.reported?.why).toBe('first');
  });
});
