import { it } from 'vitest';
import { accepted, OutboxWorld } from '../adapters/postgres/outbox-world.js';
import { incident, insertNetwork, MINUTE, resolved, T0 } from '../services/customers.js';
import { testDatabase } from '../services/postgres.js';

it('perf', async () => {
  const db = await testDatabase();
  const w = new OutboxWorld(db.pool);
  const N = 1_000_000;
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
  await t('decide', () => w.decide(doc));
  await t(
    'count',
    async () => (await db.pool.query('select count(*) from incident_subscribers')).rows,
  );
  await t('decide+10 cells', () =>
    w.decide(
      incident([...cells, ...Array.from({ length: 10 }, (_, n) => `S${n * 2 + 2}-1`)], {
        revision: 2,
      }),
      T0 + MINUTE,
    ),
  );
  await t('expand', () => w.expandAll());
  await t('states', () => w.states());
  await t('handover 10x500', async () => {
    for (let k = 0; k < 10; k++) {
      const h = await w.handOver(T0 + MINUTE, 500);
      await w.queue.record(
        h.messages.map((sms) => ({
          messageId: sms.messageId,
          attempt: sms.attempt,
          result: accepted(sms),
          retryInMs: 0,
        })),
      );
    }
  });
  await t('depth', () => w.queue.depth());
  await t('flags again', () => w.decide(doc, T0 + 2 * MINUTE));
  await t('resolve', () => w.decide(resolved(doc), T0 + 31 * MINUTE));
  await db.close();
}, 600_000);
