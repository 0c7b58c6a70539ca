import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poissonInterval, qualityReport } from '../../src/api/quality-report.js';
import { wilson } from '../../src/domain/wilson.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';
import { impact, incident, saveIncident } from './world.js';

const BUDGETS = { falseIncidentsPer1000CellsPerMonth: 1, wrongWavesPerYear: 1 };
const MONTH = 2_629_800_000;
const WAVES = { sent: 0, wrong: 0, spentDoubt: 0 };

describe('intervals', () => {
  it('of a share are those of Wilson', () => {
    // 2 of 3 and 198 of 200 at 95 %: worked values of any table
    expect(wilson(2, 3).map((each) => each.toFixed(3))).toEqual(['0.208', '0.939']);
    expect(wilson(198, 200).map((each) => each.toFixed(3))).toEqual(['0.964', '0.997']);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });

  it('of a count come close to the exact ones', () => {
    // the exact chi-square limits of 4 are 1.0899 and 10.2416
    const [low, high] = poissonInterval(4);
    expect(low).toBeCloseTo(1.09, 1);
    expect(high).toBeCloseTo(10.24, 1);
    expect(poissonInterval(0)[0]).toBe(0);
  });
});

describe('advice', () => {
  const report = (opened: number, markedFalse: number) =>
    qualityReport(
      {
        sinceMs: 0,
        cells: 1000,
        all: { name: 'all', opened, markedFalse },
        byKpi: [{ name: 'latencyMs', opened, markedFalse }],
        byCause: [{ name: 'power', opened, markedFalse }],
        judgedCauses: [],
        judgedStatements: [],
        lastCorrection: null,
        waves: WAVES,
      },
      BUDGETS,
      MONTH,
    );

  it('is given where a KPI is surely imprecise, naming what to change', () => {
    const { kpis, causes, incidents } = report(40, 20);
    expect(kpis[0]).toMatchObject({
      precision: 0.5,
      advice: expect.stringMatching(/weight of latencyMs in rules\/kpis\.yaml/),
    });
    expect(causes[0]?.advice).toContain('failuresPerYear.power in rules/correlation.yaml');
    expect(incidents.advice).toContain('rules/detection.yaml');
  });

  it('is not given on a mark or two, nor when all is well', () => {
    expect(report(4, 2).kpis[0]?.advice).toBeNull();
    expect(report(400, 4).kpis[0]?.advice).toBeNull();
    expect(report(400, 1).incidents.advice).toBeNull();
  });

  it('sets the achieved rate against the budget', () => {
    const { falseIncidentsPer1000CellsPerMonth: rate } = report(40, 4);
    expect(rate).toMatchObject({ set: 1, achieved: 4 });
    expect(rate.low).toBeGreaterThan(1);
    expect(rate.correction).toEqual({ times: 0.25, isSure: true });
    expect(report(40, 1).falseIncidentsPer1000CellsPerMonth.correction?.isSure).toBe(false);
    expect(report(40, 0).falseIncidentsPer1000CellsPerMonth.correction).toBeNull();
  });
});

describe('GET /api/v1/quality', () => {
  let db: TestDatabase;
  let server: TestServer;
  beforeAll(async () => {
    db = await testDatabase();
    server = await testServer(db.pool);
    await db.pool.query(`insert into cells (cell_id, site_id) values ('A-1', 'A'), ('A-2', 'A')`);
    for (const id of ['inc_a', 'inc_b']) {
      await saveIncident(db.pool, incident(id, { kpis: ['latencyMs'] }), impact(10, 1));
    }
    await db.pool.query(
      `insert into audit_log (actor, action, target, why) values ('ada', 'notAnIncident', 'inc_a', 'no')`,
    );
    await db.pool.query(
      `insert into waves (wave_id, incident_id, lineage_id, kind, revision, state, reason, decided_at,
         valid_until, counts, doubt)
       select 'w' || id, id, id, 'onset', 1, 'expanded', '', '2026-03-10T13:00Z', '2026-03-10T15:00Z',
         '{"messages": 3}', 0.25 from unnest(array['inc_a', 'inc_b']) as id`,
    );
  });
  afterAll(async () => {
    await server?.app.close();
    await db?.close();
  });

  it('counts what opened, what was marked, and what waves took of their budget', async () => {
    const cookie = await server.signIn('operator');
    const reply = await server.app.inject({ url: '/api/v1/quality', headers: { cookie } });
    expect(reply.json()).toMatchObject({
      cells: 2,
      incidents: { opened: 2, markedFalse: 1, precision: 0.5 },
      kpis: [{ name: 'latencyMs', opened: 2, markedFalse: 1 }],
      causes: [{ name: 'transport', opened: 2 }],
      wrongWavesPerYear: { set: 1, achieved: 1, expected: 1.25, sent: 2 },
    });
  });

  it('holds what was stated of causes against what people said they were', async () => {
    const cookie = await server.signIn('operator');
    const act = (id: string, payload: object) =>
      server.app.inject({
        method: 'POST',
        url: `/api/v1/incidents/${id}/acts`,
        headers: { cookie, origin: PUBLIC_URL },
        payload: { why: 'seen on site', ...payload },
      });
    // first a wrong word, then the right one: the last counts, the first statement is judged
    await act('inc_b', { action: 'setCause', resource: { id: 'LINK-QUIMPER-1' } });
    await act('inc_b', { action: 'setCause', resource: { id: 'ZONE-QUIMPER' } });
    await act('inc_a', { action: 'notAnIncident' });
    const reply = await server.app.inject({ url: '/api/v1/quality', headers: { cookie } });
    const { reliability } = reply.json();
    expect(reliability.incidents).toBe(2);
    const told = reliability.bins.filter(({ count }: { count: number }) => count > 0);
    expect(told).toMatchObject([
      { from: 0.1, count: 2, meanStated: 0.11, shareTrue: 0.5 },
      { from: 0.8, count: 2, meanStated: 0.86, shareTrue: 0 },
    ]);
    expect(told[1].high).toBeCloseTo(0.658, 2);
  });

  it('is for operators', async () => {
    const cookie = await server.signIn('viewer');
    const reply = await server.app.inject({ url: '/api/v1/quality', headers: { cookie } });
    expect(reply.statusCode).toBe(403);
  });
});
