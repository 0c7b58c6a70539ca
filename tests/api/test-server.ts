import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { DryRunDesk } from '../../src/adapters/postgres/dry-run-desk.js';
import { PostgresEffectStore } from '../../src/adapters/postgres/effect-store.js';
import { type JournalAct, postgresOperators } from '../../src/adapters/postgres/operator-store.js';
import { readBasis } from '../../src/adapters/postgres/read-what-if.js';
import { postgresReads } from '../../src/adapters/postgres/reads.js';
import { createSignInLink, postgresSessions } from '../../src/adapters/postgres/sessions.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { LiveHub } from '../../src/api/live-hub.js';
import type { KpiReads } from '../../src/api/ports.js';
import { buildServer } from '../../src/api/server.js';
import type { Fact } from '../../src/domain/facts.js';
import type { Role } from '../../src/domain/role.js';
import { effectDesk } from '../../src/service/effect-desk.js';
import { answerWhatIf } from '../../src/service/what-if-answer.js';
import { forecastRules } from '../forecast/shipped-rules.js';
import { effectRules, impactRules, policy, SECRET, texts } from '../services/customers.js';
import { NOW_MS } from './world.js';

export const PUBLIC_URL = 'http://tocsin.test';

/** A server over a real database, with what it journalled and its live hub in view. */
export interface TestServer {
  readonly app: FastifyInstance;
  readonly journalled: Fact[];
  readonly live: LiveHub;
  /** Signs in with a fresh link. @returns the cookie header of the session */
  signIn(role: Role): Promise<string>;
}

/** Builds the server the way `start` does; `change` replaces parts of what it stands on. */
export async function testServer(
  pool: pg.Pool,
  change: Partial<ApiDeps> = {},
  kpis: KpiReads = { ofIncident: async () => [] },
): Promise<TestServer> {
  const journalled: Fact[] = [];
  const journal: JournalAct = async (_, act) => {
    journalled.push({ kind: 'acts', items: [act] });
  };
  const live = new LiveHub('test');
  const app = await buildServer({
    version: '0.0.0-test',
    publicUrl: PUBLIC_URL,
    networkNow: () => NOW_MS,
    speed: 1,
    maxLoopDelayMs: 0,
    reads: postgresReads(pool, kpis),
    models: () => [],
    budgets: { falseIncidentsPer1000CellsPerMonth: 1, wrongWavesPerYear: 1 },
    subscribers: { network: async () => ({ status: 'unknown' }) },
    sessions: postgresSessions(pool),
    operators: postgresOperators(pool, journal),
    fewestTold: 5,
    acknowledgeKey: 'key of the tests',
    effect: effectDesk({
      pool,
      store: new PostgresEffectStore(pool),
      rules: effectRules,
      pricePerSegment: 0.05,
      phoneSecret: SECRET,
      region: 'FR',
    }),
    dryRuns: new DryRunDesk(pool, {
      policy,
      texts,
      impact: impactRules,
      phoneSecret: SECRET,
      segmentsPerSecond: 10,
      speed: 1,
    }),
    whatIf: async (asked) => {
      const basis = await readBasis(pool);
      return basis === undefined ? undefined : answerWhatIf({ basis, rules: forecastRules, asked });
    },
    live,
    health: () => ({
      status: 'degraded',
      networkTime: new Date(NOW_MS).toISOString(),
      components: [
        { name: 'postgres', status: 'up', since: '2026-03-10T08:00:00.000Z', detail: 'answers' },
        {
          name: 'influx ran',
          status: 'degraded',
          since: '2026-03-10T14:02:00.000Z',
          detail: 'no answer from http://influx:8086, next try in 20 s',
        },
      ],
    }),
    metrics: new Registry(),
    ...change,
  });
  const signIn = async (role: Role): Promise<string> => {
    const link = await createSignInLink(pool, PUBLIC_URL, role, `${role} of the tests`);
    const reply = await app.inject({ url: link.slice(PUBLIC_URL.length) });
    const cookie = reply.cookies[0];
    if (cookie === undefined) throw new Error(`sign-in gave no cookie: ${reply.statusCode}`);
    return `${cookie.name}=${cookie.value}`;
  };
  return { app, journalled, live, signIn };
}
