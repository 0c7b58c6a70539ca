import { withTransaction } from '../../src/adapters/postgres/pool.js';
import { MAP_INCIDENT } from '../../src/adapters/postgres/impact-sql.js';
import { TAKE_DUE } from '../../src/adapters/postgres/outbox-sql.js';
import { it } from 'vitest';
import { accepted, OutboxWorld } from '../adapters/postgres/outbox-world.js';
import { impactRules, policy, saveIncident, incident, insertNetwork, MINUTE, resolved, T0 } from '../services/customers.js';
import { testDatabase } from '../services/postgres.js';

it('perf', async () => {
  const db = await testDatabase();
  const w = new OutboxWorld(db.pool, {...policy, approval: {abovePeople: 1e9}});
  const N = 100_000;
  await insertNetwork(db.pool, 7000); // 21k cells
  await db.pool.query(
    `insert into subscribers (subscriber_id, home_site) select g, 'S' || (1 + g % 7000) from generate_series(1, ${N}) g`,
  );
  await db.pool.query(
    `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key) select 'msisdn', '+336' || lpad(g::text, 8, '0'), g, sha256(g::text::bytea) from generate_series(1, ${N}) g`,
  );
  await db.pool.query(
    `insert into usual_cells select distinct on (s, c) s, c, 0.33 from (select g s, 'S' || (1 + (g * 7 + k * 13) % 7000) || '-' || (1 + (g + k) % 3) c from generate_series(1, ${N}) g, generate_series(0, 2) k) x`,
  );
  await db.pool.query(
    `insert into last_seen select g, 'S' || (1 + g % 7000) || '-' || (1 + g % 3), $1::timestamptz - (g % 300) * interval '1 minute' from generate_series(1, ${N}) g`,
    [new Date(T0 - 6 * MINUTE)],
  );
  await db.pool.query('analyze');
  const cells = Array.from({ length: 3500 }, (_, n) => `S${n * 2 + 1}-${1 + (n % 3)}`);
  const t = async (name: string, f: () => Promise<unknown>) => {
    const s = performance.now();
    const r = await f();
    console.log(name, Math.round(performance.now() - s), 'ms', JSON.stringify(r)?.slice(0, 300));
  };
  const doc = incident(cells);
  const parts = async (d: typeof doc, now: number) => { await withTransaction(db.pool, async (c) => {
    await saveIncident(c, d);
    let imp: any;
    await t(' map', async () => { imp = await w.impact.map(c, d, now); });
    await t(' wave', () => w.waves.planMessages(c, d, imp, now));
    await t(' flags', () => w.flags.refresh(c, d, now));
  }); };

  const r = impactRules;
  await saveIncident(db.pool, doc);
  const params = [doc.id, cells, cells.map(() => 1), cells.map(() => new Date(T0 - 5 * MINUTE)), new Date(T0), r.presence.halfLifeMinutes, r.presence.maxAgeMinutes, r.homeWeight, r.minProbability, r.noneAtDegree];
  const ex = async (sql: string, ps: unknown[]) => { const c = await db.pool.connect(); await c.query('begin'); await c.query('set local jit=off'); const e = await c.query('explain (analyze, timing on, costs on) ' + sql, ps); console.log(e.rows.map((x: any) => x['QUERY PLAN']).join('\n')); await c.query('rollback'); c.release(); };
  await ex(MAP_INCIDENT, params);
  await t('decide', () => w.decide(doc));
  await t('expand', () => w.expandAll());
  await ex(TAKE_DUE, [500, 0.5]);
  await t('handover 1x500', () => w.handOver(T0 + MINUTE, 500).then((h) => h.messages.length));
  await t('handover 1x500', () => w.handOver(T0 + MINUTE, 500).then((h) => h.messages.length));
  await db.close();
}, 600_000);
