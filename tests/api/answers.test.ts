import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubscriberNetwork } from '../../src/api/ports.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { lookupOf, networkAnswer } from './network-answer.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { NOW_MS } from './world.js';

const NUMBER = '+33612345678';
const AFFECTED = {
  affected: 'probably',
  probability: 0.6,
  incidentId: 'inc_fibre',
  service: 'none',
} as const;

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.close());

async function ask(network: Partial<SubscriberNetwork>, body: object, number = NUMBER) {
  const server: TestServer = await testServer(db.pool, {
    subscribers: lookupOf(NUMBER, networkAnswer(network)),
  });
  const cookie = await server.signIn('agent');
  const url = `/api/v1/subscribers/${encodeURIComponent(number)}/answers`;
  const reply = await server.app.inject({
    url,
    method: 'POST',
    headers: { cookie, origin: PUBLIC_URL },
    body,
  });
  await server.app.close();
  const [fact] = server.journalled;
  const act = fact?.kind === 'acts' ? fact.items[0] : undefined;
  return { status: reply.statusCode, body: reply.json(), act };
}

describe('an agent’s answer', () => {
  it('is journalled with what had been stated, and audited without number or place', async () => {
    const { status, body, act } = await ask(AFFECTED, { answer: 'stillDown' });
    expect(status).toBe(202);
    expect(act).toEqual({
      actId: body.actId,
      at: new Date(NOW_MS).toISOString(),
      actor: 'agent of the tests',
      action: 'agentAnswer',
      why: 'the caller says: stillDown',
      subscriberId: 7,
      answer: 'stillDown',
      incidentId: 'inc_fibre',
      stated: { affected: 'probably', probability: 0.6 },
      cells: ['S1-1'],
    });
    const { rows } = await db.pool.query(
      `select target, detail from audit_log where action = 'agentAnswer'`,
    );
    expect(rows[0].target).toBe('subscriber 7');
    expect(JSON.stringify(rows)).not.toMatch(/612345678|S1-1/);
    expect(rows[0].detail.number).toBe('+336••••••78');
  });

  it('of what is still down is about the incident that ended lately', async () => {
    const recent = (endedAt: string) => ({
      recent: [
        { incidentId: 'inc_old', startedAt: endedAt, endedAt, cause: '', wasAffected: true },
      ],
    });
    const lately = recent(new Date(NOW_MS - 3_600_000).toISOString());
    expect((await ask(lately, { answer: 'stillDown' })).act?.incidentId).toBe('inc_old');
    const longAgo = recent(new Date(NOW_MS - 90_000_000).toISOString());
    expect((await ask(longAgo, { answer: 'stillDown' })).act?.incidentId).toBeUndefined();
  });

  it('can be taken back by its id', async () => {
    const { act } = await ask(AFFECTED, { answer: 'undo', undoes: 'act_9' });
    expect(act).toMatchObject({ action: 'undoAnswer', undoes: 'act_9', subscriberId: 7 });
    expect((await ask(AFFECTED, { answer: 'undo' })).status).toBe(400);
  });

  it.each([
    [{ ...AFFECTED, noText: 'optedOut' as const }, /asked for no texts/],
    [{ ...AFFECTED, noText: 'partner' as const }, /partner’s customer/],
    [{}, /No incident affects them now/],
  ])('promises no text that will not come', async (network, message) => {
    const { status, body, act } = await ask(network, { answer: 'textWhenBack' });
    expect([status, act]).toEqual([409, undefined]);
    expect(body.message).toMatch(message);
  });

  it('is refused in plain words for a number that nobody has, or an answer there is not', async () => {
    const unknown = await ask({}, { answer: 'notAffected' }, '+33699999999');
    expect(unknown).toMatchObject({ status: 404, act: undefined });
    expect(unknown.body.message).toContain('No subscriber has the number');
    expect((await ask({}, { answer: 'maybe' })).status).toBe(400);
  });
});
