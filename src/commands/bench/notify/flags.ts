import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { median } from 'simple-statistics';
import { Agent, request } from 'undici';
import { crmConfigOf } from '../../../../simulators/crm-description.js';
import { RestCrmConnector } from '../../../adapters/crm/rest-connector.js';
import { PostgresDailyQuota } from '../../../adapters/postgres/crm-quota.js';
import { PostgresFlagQueue, PostgresFlagStore } from '../../../adapters/postgres/crm-store.js';
import { createPool, query, withTransaction } from '../../../adapters/postgres/pool.js';
import { wallClock } from '../../../runtime/clock.js';
import { CrmMetrics } from '../../../runtime/crm-metrics.js';
import { CrmWorker } from '../../../runtime/crm-worker.js';
import { Health } from '../../../runtime/health.js';
import { createLog } from '../../../runtime/log.js';
import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { alternate, type Measured } from '../harness.js';
import { insertAffected } from './message-world.js';
import { ownDatabase } from './own-database.js';
import type { NotifyPartOptions } from './part.js';
import { startSimulator } from './simulator-process.js';

const FLAGS = 20_000;
const RUNS = 3;
/** The connector's own default. */
const PARALLEL = 4;
const NOW_MS = Date.UTC(2026, 0, 14, 13, 0);

/** As if nothing had been pushed and every flag had changed, so that no push repeats an earlier one. */
const AGAIN = `
truncate crm_pushed, crm_cursors;
update crm_desired set version = nextval('crm_versions')`;

type Way = 'single' | 'bulk';

/**
 * Flags pushed to a simulated CRM over REST and written down as pushed, one request each and in bulk,
 * beside a bare undici loop that makes the same requests with the same concurrency.
 */
export async function measureFlags(options: NotifyPartOptions): Promise<PartResult> {
  const people = Math.max(500, Math.round(FLAGS * options.scale));
  const pool = createPool(await ownDatabase(options.templateUrl, 'tocsin_flags'));
  const crm = await startSimulator('crm');
  try {
    const flags = await desire(pool, people);
    await query(pool, 'analyze');
    options.progress(`${flags} flags`);
    const rates = new Map<Way, Rates>();
    for (const way of ['single', 'bulk'] as const) {
      rates.set(way, await contest(pool, crm.url, way));
      options.progress(way);
    }
    return resultOf(flags, rates);
  } finally {
    crm.stop();
    await pool.end();
  }
}

/** Writes the flags of an incident. @returns how many */
async function desire(pool: pg.Pool, people: number): Promise<number> {
  const rules = loadRules();
  const incident = await insertAffected(pool, { people, nowMs: NOW_MS, rules });
  const store = new PostgresFlagStore(rules.crm, rules.texts, people);
  await withTransaction(pool, (client) => store.refresh(client, incident, NOW_MS));
  const { rows } = await query<{ count: number }>(pool, 'select count(*) from crm_desired');
  return rows[0]?.count ?? 0;
}

interface Rates {
  readonly ours: number;
  readonly bare: number;
}

async function contest(pool: pg.Pool, url: string, way: Way): Promise<Rates> {
  const ours = async (): Promise<number> => {
    await query(pool, AGAIN);
    return pushAll(pool, url, way);
  };
  const held = await desired(pool);
  const { ours: pushed, baseline } = await alternate(RUNS, ours, () => postAll(url, held, way));
  return { ours: perSecond(pushed), bare: perSecond(baseline) };
}

/** Runs the worker until nothing is left to push. @returns flags written down as pushed */
async function pushAll(pool: pg.Pool, url: string, way: Way): Promise<number> {
  const { list: _list, ...config } = crmConfigOf(url, { isBulk: way === 'bulk', name: way });
  const quota = new PostgresDailyQuota(pool);
  const connector = new RestCrmConnector({
    ...{ config: { ...config, parallel: PARALLEL }, quota },
    now: () => performance.now(),
  });
  const worker = new CrmWorker({
    connector,
    queue: new PostgresFlagQueue(pool),
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new CrmMetrics(new Registry()),
    isLeading: () => true,
  });
  while ((await worker.turn()) === 'busy');
  await connector.close();
  const { rows } = await query<{ count: number }>(
    pool,
    'select count(*) from crm_pushed where refused is null',
  );
  return rows[0]?.count ?? 0;
}

interface Desired {
  readonly account: string;
  readonly subscriberId: number;
  readonly incidentId: string;
  readonly flag: unknown;
}

async function desired(pool: pg.Pool): Promise<Desired[]> {
  const { rows } = await query<Desired>(
    pool,
    `select '' as account, subscriber_id as "subscriberId", incident_id as "incidentId", flag
     from crm_desired order by version`,
  );
  return rows;
}

/** The same requests and nothing else. @returns flags that the CRM took */
async function postAll(url: string, flags: readonly Desired[], way: Way): Promise<number> {
  const size = way === 'bulk' ? (crmConfigOf(url, { isBulk: true }).bulk?.upsert.size ?? 1) : 1;
  const dispatcher = new Agent({ connections: PARALLEL, pipelining: 1 });
  let next = 0;
  let taken = 0;
  const loop = async (): Promise<void> => {
    for (let at = next; at < flags.length; at = next) {
      next += size;
      const some = flags.slice(at, at + size);
      const [{ subscriberId, incidentId } = { subscriberId: 0, incidentId: '' }] = some;
      const path = way === 'bulk' ? 'bulk' : `${subscriberId}/${incidentId}`;
      const answer = await request(`${url}/flags/${path}`, {
        dispatcher,
        method: way === 'bulk' ? 'POST' : 'PUT',
        headers: { 'content-type': 'application/json', 'Idempotency-Key': randomUUID() },
        body: JSON.stringify(way === 'bulk' ? { upserts: some } : some[0]),
      });
      await answer.body.text();
      if (answer.statusCode === 200) taken += some.length;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, loop));
  await dispatcher.close();
  return taken;
}

/** Median of flags in a second of wall time. */
function perSecond(runs: readonly Measured[]): number {
  return Math.round(median(runs.map(({ work, wallSeconds }) => work / wallSeconds)));
}

function resultOf(flags: number, rates: ReadonlyMap<Way, Rates>): PartResult {
  const each = <T>(pick: (rates: Rates) => T): Record<string, T> =>
    Object.fromEntries([...rates].map(([way, found]) => [way, pick(found)]));
  return {
    figures: { flags, runs: RUNS, perSecond: each(({ ours }) => ours) },
    baseline: { perSecond: each(({ bare }) => bare) },
    ratios: each(({ ours, bare }) => ours / bare),
    lines: [...rates].map(
      ([way, { ours, bare }]) =>
        `${flags} flags to a CRM over REST, ${way === 'bulk' ? 'in bulk' : 'a request each'}, ${PARALLEL} at once: ${ours} a second, a bare undici loop ${bare}: ${(ours / bare).toFixed(2)} of it`,
    ),
  };
}
