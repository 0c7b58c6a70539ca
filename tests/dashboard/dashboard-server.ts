import { createServer } from 'node:net';
import { inject } from 'vitest';
import { createSignInLink } from '../../src/adapters/postgres/sessions.js';
import type { ApiDeps } from '../../src/api/deps.js';
import type { KpiSeries } from '../../src/api/ports.js';
import type { Role } from '../../src/domain/role.js';
import { lookupOf, networkAnswer } from '../api/network-answer.js';
import { type TestServer, testServer } from '../api/test-server.js';
import { NOW_MS, seedWorld } from '../api/world.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

/** The built dashboard served over a seeded database on loopback. */
export interface DashboardServer {
  readonly url: string;
  readonly db: TestDatabase;
  readonly server: TestServer;
  /** A fresh one-time link, as `start` prints it. */
  link(role: Role): Promise<string>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.once('listening', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Availability that falls to nothing, users that vanish, against what was expected of them. */
function kpis(): KpiSeries[] {
  const length = 52;
  const step = 900_000;
  const startMs = NOW_MS - length * step;
  const series = (kpi: string, unit: string, expected: (i: number) => number): KpiSeries => {
    const periods = Array.from({ length }, (_, i) => i);
    const isOut = (i: number): boolean => i >= length - 3;
    return {
      cellId: 'S1-1',
      siteName: 'Quimper Centre',
      feed: 'vendor-a-pm',
      kpi,
      unit,
      periodSeconds: 900,
      from: new Date(startMs).toISOString(),
      values: periods.map((i) => (isOut(i) ? 0 : expected(i) * (1 + 0.01 * Math.sin(i * 2.3)))),
      expected: periods.map(expected),
      lo: periods.map((i) => expected(i) * 0.9),
      hi: periods.map((i) => expected(i) * 1.08),
    };
  };
  const curve = (i: number): number => 120 + 60 * Math.sin(i / 9);
  return [
    series('availabilityRatio', '%', () => 99.9),
    series('connectedUsers', 'users', curve),
    series('downlinkThroughput', 'Mbit/s', (i) => 38 - curve(i) / 10),
    series('erabSetupSuccessRatio', '%', () => 99.4),
  ];
}

const ANSWER = networkAnswer({
  affected: 'yes',
  probability: 0.91,
  reason: 'Seen 6 minutes before the outage at Quimper Centre, where all three cells are down.',
  service: 'none',
  since: '2026-03-10T13:45:00.000Z',
  incidentId: 'inc_fibre',
  cause: 'une fibre coupée près de Quimper',
  estimatedRepairAt: '2026-03-10T15:45:00.000Z',
  repairSaidBy: 'ticket',
  sentence:
    'Une panne touche le réseau à Quimper depuis 14 h 45. Nos équipes réparent ; le service devrait revenir vers 16 h 45.',
  validUntil: '2026-03-10T14:50:00.000Z',
  told: [{ kind: 'onset', state: 'accepted', at: '2026-03-10T13:52:00.000Z', reason: null }],
  recent: [
    {
      incidentId: 'inc_old',
      startedAt: '2026-02-02T09:00:00.000Z',
      endedAt: '2026-02-02T10:20:00.000Z',
      cause: 'coupure d’électricité',
      wasAffected: true,
    },
  ],
  recurring: { incidents: 3, isRecurring: true },
});

/** Seeds a database and serves it with the built dashboard, until `close`. */
export async function dashboardServer(change: Partial<ApiDeps> = {}): Promise<DashboardServer> {
  const answer = await fetch(inject('testDashboardDoor'));
  if (!answer.ok) throw new Error(`the dashboard was not built: ${await answer.text()}`);
  const dashboardDir = await answer.text();
  const db = await testDatabase();
  await seedWorld(db.pool);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await testServer(
    db.pool,
    {
      publicUrl: url,
      dashboardDir,
      subscribers: lookupOf('+33612345678', ANSWER),
      ...change,
    },
    { ofIncident: async () => kpis() },
  );
  await server.app.listen({ host: '127.0.0.1', port });
  return {
    url,
    db,
    server,
    link: (role) => createSignInLink(db.pool, url, role, 'Ada Kermadec'),
    async close() {
      await server.app.close();
      await db.close();
    },
  };
}
