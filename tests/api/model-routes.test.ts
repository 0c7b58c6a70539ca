import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDetectEvents } from '../../src/adapters/postgres/detect-events.js';
import type { Anomaly, DetectEvent } from '../../src/domain/anomaly.js';
import { detectActOf } from '../../src/domain/detect-act.js';
import type { Role } from '../../src/domain/role.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

const MODEL = {
  stream: 'telemetry/0',
  feed: 'pm',
  version: 4,
  previousVersion: 3,
  clusters: 6,
  rateFactor: 0.8,
  calibration: [
    { kpi: 'users', vendor: 'Acme', beyondHundredth: 0.04, beyondThousandth: 0.01, isLost: true },
  ],
};

let db: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  db = await testDatabase();
  server = await testServer(db.pool, { models: () => [MODEL] });
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

async function post(url: string, payload: object, role: Role = 'operator') {
  const cookie = await server.signIn(role);
  return server.app.inject({
    method: 'POST',
    url,
    headers: { cookie, origin: PUBLIC_URL },
    payload,
  });
}

async function get(url: string) {
  const cookie = await server.signIn('operator');
  return (await server.app.inject({ url, headers: { cookie } })).json();
}

/** A deviation that ends: as the new normal, or for another reason. */
function ended(atMs: number, accepted: Anomaly['accepted']): DetectEvent {
  const anomaly: Anomaly = {
    id: `ano_${atMs}`,
    feed: 'pm',
    objectType: 'cell',
    objectId: 'S1-1',
    kpi: 'users',
    kind: 'deviation',
    startedAtMs: atMs - 3_600_000,
    detectedAtMs: atMs,
    endedAtMs: atMs,
    observed: 20,
    expected: 50,
    band: null,
    score: 1,
    degree: 0.6,
    reason: '',
    ...(accepted === undefined ? {} : { accepted }),
  };
  return { type: 'cleared', atMs, anomaly };
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

  it('correct the rate on an administrator’s word alone, within bounds', async () => {
    const url = '/api/v1/models/correct-rate';
    const body = { factor: 0.71, why: 'achieved 1.4, set 1' };
    expect((await post(url, body)).statusCode).toBe(403);
    expect((await post(url, { ...body, factor: 0 }, 'admin')).statusCode).toBe(400);
    expect((await post(url, { ...body, feed: 'nobody' }, 'admin')).json()).toMatchObject({
      code: 'notFound',
      message: 'No feed is named nobody: there are pm.',
    });
    expect((await post(url, body, 'admin')).statusCode).toBe(202);
    const [fact] = server.journalled.slice(-1);
    const [act] = fact?.kind === 'acts' ? fact.items : [];
    expect(act && detectActOf(act)).toEqual({ action: 'correctRate', factor: 0.71 });
    const { rows } = await db.pool.query(
      "select actor, why, detail ->> 'value' as value from audit_log where action = 'correctRate'",
    );
    expect(rows).toEqual([{ actor: 'admin of the tests', why: body.why, value: '0.71' }]);
    const quality = await get('/api/v1/quality');
    expect(quality.falseIncidentsPer1000CellsPerMonth.lastCorrection).toMatchObject({
      factor: 0.71,
      by: 'admin of the tests',
      feed: null,
    });
  });

  it('are shown with what they act on', async () => {
    expect(await get('/api/v1/models')).toEqual([MODEL]);
    const events = new PostgresDetectEvents(db.pool);
    const at = Date.parse('2026-03-10T13:00:00Z');
    await events.append('telemetry/0', at, 1, [ended(at, 'lasting'), ended(at + 1, undefined)]);
    await events.append('telemetry/0', at, 1, [ended(at, 'lasting'), ended(at + 1, undefined)]);
    expect(await get('/api/v1/accepted-levels')).toEqual([
      {
        at: '2026-03-10T13:00:00.000Z',
        feed: 'pm',
        objectType: 'cell',
        objectId: 'S1-1',
        kpi: 'users',
        accepted: 'lasting',
        startedAt: '2026-03-10T12:00:00.000Z',
        observed: 20,
        expected: 50,
      },
    ]);
  });

  it('need a reason', async () => {
    expect((await post('/api/v1/models/revert', {})).statusCode).toBe(400);
  });
});
