import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresFlagStore } from '../../../src/adapters/postgres/crm-store.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/adapters/postgres/embedded.js';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { ImpactWorker } from '../../../src/adapters/postgres/impact-worker.js';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import { createPool, withTransaction } from '../../../src/adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../src/adapters/postgres/wave-store.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  policy,
  saveIncident,
  T0,
  texts,
} from '../../services/customers.js';

const PEOPLE = 60;
const sizes = { inlinePeople: 5, stepPeople: 15 };
const work = {
  impact: new PostgresImpactStore(impactRules, sizes),
  waves: new PostgresWaveStore({ policy }),
  flags: new PostgresFlagStore(crmRules, texts),
};

let folder: string;
let server: EmbeddedPostgres;
let pool: pg.Pool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-restart-'));
  await chmod(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    settings: { shared_buffers: '16MB', max_wal_size: '64MB' },
  });
  await migrate(server.url);
  pool = createPool(server.url);
  await insertNetwork(pool, 2);
  await pool.query(
    `insert into subscribers (subscriber_id, segment)
     select n, 'consumer' from generate_series(1, $1::int) n`,
    [PEOPLE],
  );
  await pool.query(
    `insert into usual_cells (subscriber_id, cell_no, weight)
     select n, cell_number('S1-1'), 0.8 from generate_series(1, $1::int) n`,
    [PEOPLE],
  );
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function counted(sql: string): Promise<number> {
  return Number((await pool.query<{ n: number }>(`select count(*)::int as n ${sql}`)).rows[0]?.n);
}

/** Works on lists as the one leader there is; that lock went with the server's sessions. */
async function turns(most: number): Promise<number> {
  const leader = await Leadership.tryAcquire(server.url);
  if (leader === undefined) throw new Error('somebody else leads');
  const worker = new ImpactWorker({ ...work, pool, leadership: () => leader, now: () => T0 });
  try {
    for (let turn = 0; turn < most; turn++) if ((await worker.turn()) === 'idle') return turn;
    return most;
  } finally {
    await leader.release();
  }
}

async function crash(): Promise<void> {
  const file = join(folder, 'data', 'postgres', 'postmaster.pid');
  process.kill(Number.parseInt(await readFile(file, 'utf8'), 10), 'SIGQUIT');
}

it('writes a list once and whole though Postgres crashes and restarts in the middle', async () => {
  await withTransaction(pool, async (client) => {
    await saveIncident(client, incident(['S1-1']));
    await work.impact.map(client, incident(['S1-1']), T0);
  });
  await turns(1);
  const before = await counted('from incident_subscribers');
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(PEOPLE);

  // the next range has been written, not committed, when the server goes
  const leader = await Leadership.tryAcquire(server.url);
  const client = await pool.connect();
  client.on('error', () => undefined);
  await client.query('begin; lock table impact_counts in access exclusive mode');
  const worker = new ImpactWorker({ ...work, pool, leadership: () => leader, now: () => T0 });
  const turn = worker.turn();
  const outcome = expect(turn).rejects.toMatchObject({ code: 'unavailable.postgres' });
  await expect
    .poll(() => counted(`from pg_locks where not granted and relation = 'impact_counts'::regclass`))
    .toBeGreaterThan(0);
  await crash();
  await outcome;
  client.release(true);
  await leader?.release().catch(() => undefined);

  await expect
    .poll(() => counted('from incident_subscribers').catch(() => undefined), { timeout: 30_000 })
    .toBe(before);
  await turns(100);
  expect(await counted('from incident_subscribers where affected_to is null')).toBe(PEOPLE);
  expect(await counted('from impact_state where is_complete and left_to_map = 0')).toBe(1);
  const { rows } = await pool.query<{ people: number }>('select people from impact_counts');
  expect(rows).toEqual([{ people: PEOPLE }]);
}, 90_000);
