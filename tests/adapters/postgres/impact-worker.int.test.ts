import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresFlagStore } from '../../../src/adapters/postgres/crm-store.js';
import { PostgresImpactStore } from '../../../src/adapters/postgres/impact-store.js';
import { ImpactWorker } from '../../../src/adapters/postgres/impact-worker.js';
import { Leadership } from '../../../src/adapters/postgres/leader.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../src/adapters/postgres/wave-store.js';
import type { ImpactSummary } from '../../../src/domain/customer.js';
import type { Incident } from '../../../src/domain/incident.js';
import { followUp } from '../../../src/pipeline.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  policy,
  resolved,
  saveIncident,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const PEOPLE = 40;
const sizes = { inlinePeople: 5, stepPeople: 7 };
const large = {
  impact: new PostgresImpactStore(impactRules, sizes),
  waves: new PostgresWaveStore({ policy }),
  flags: new PostgresFlagStore(crmRules, texts, sizes.inlinePeople),
};

let database: TestDatabase;
let world: OutboxWorld;
let leader: Leadership | undefined;
let nowMs = T0;
const completed: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 4);
  leader = await Leadership.tryAcquire(database.url);
});
afterAll(async () => {
  await leader?.release();
  await database.close();
});
beforeEach(async () => {
  await world.reset();
  nowMs = T0;
  completed.length = 0;
  await insertSubscribers(
    database.pool,
    Array.from({ length: PEOPLE }, (_, n) => ({
      id: n + 1,
      usual: { [`S${1 + (n % 2)}-1`]: 0.6, 'S3-1': 0.3 },
      segment: n % 5 === 0 ? 'business' : 'consumer',
      ...(n % 7 === 0 ? { seen: { cell: `S${1 + (n % 4)}-1`, atMs: T0 - n * MINUTE } } : {}),
    })),
  );
});

const worker = (): ImpactWorker =>
  new ImpactWorker({
    ...large,
    pool: database.pool,
    leadership: () => leader,
    now: () => nowMs,
    completed: (id) => completed.push(id),
  });

/** Decides as a tick does, leaving long lists to the worker. */
async function decide(doc: Incident, atMs = T0): Promise<ImpactSummary> {
  nowMs = atMs;
  let summary: ImpactSummary | undefined;
  await withTransaction(database.pool, async (client) => {
    await saveIncident(client, doc);
    const stages = {
      mapImpact: async () => {
        summary = await large.impact.map(client, doc, atMs);
        return summary;
      },
      planMessages: async (_: Incident, impact: ImpactSummary) => {
        await large.waves.planMessages(client, doc, impact, atMs);
      },
      refreshFlags: () => large.flags.refresh(client, doc, atMs),
    };
    await followUp(stages, doc, atMs);
  });
  if (!summary) throw new Error('nothing was mapped');
  return summary;
}

async function work(turns = 1000): Promise<number> {
  const lists = worker();
  for (let turn = 0; turn < turns; turn++) if ((await lists.turn()) === 'idle') return turn;
  return turns;
}

async function all(sql: string): Promise<unknown[]> {
  return (await database.pool.query(sql)).rows;
}

/** The list and what was counted of it, whatever the order of writing. */
async function outcome(): Promise<unknown> {
  const list = await all(
    `select subscriber_id, affected_from, affected_to is null as is_current, service, reachable,
       round(probability::numeric, 4) as p, round(degree::numeric, 4) as d
     from incident_subscribers order by 1`,
  );
  const flags = await all('select subscriber_id, flag from crm_desired order by 1');
  const counts = await all(
    `select class, people, without_voice, ever, round(expected::numeric, 3) as expected,
       round(loss::numeric, 3) as loss from impact_counts where people > 0 or ever > 0 order by 1`,
  );
  return { list, flags, counts };
}

/** What is counted is what a count over the rows gives. */
async function countsAreThoseOfRows(): Promise<void> {
  const [sums] = await all(
    `select sum(people)::int as people, sum(ever)::int as ever,
       round(sum(expected)::numeric, 3) as expected, round(sum(loss)::numeric, 3) as loss
     from impact_counts`,
  );
  const [rows] = await all(
    `select count(*) filter (where affected_to is null)::int as people, count(*)::int as ever,
       round(coalesce(sum(probability) filter (where affected_to is null), 0)::numeric, 3) as expected,
       round(coalesce(sum(probability::float8 * degree) filter (where affected_to is null), 0)::numeric, 3)
         as loss
     from incident_subscribers`,
  );
  expect(sums).toEqual(rows);
}

const both = ['S1-1', 'S2-1'];

describe('a long list', () => {
  it('is an estimate first, then the list that one transaction would have written', async () => {
    const first = await decide(incident(both));
    expect(first.isEstimate).toBe(true);
    expect(await all('select from incident_subscribers')).toHaveLength(0);
    expect(await work()).toBeGreaterThan(PEOPLE / sizes.stepPeople);
    expect(completed).toEqual(['inc_1']);
    const stepwise = await outcome();
    const exact = await decide(incident(both), T0 + 1000);
    expect(exact.isEstimate).toBeUndefined();
    await countsAreThoseOfRows();
    await database.pool.query(
      'truncate incident_subscribers, incident_cells, impact_counts, impact_state, crm_desired',
    );
    await world.decide(incident(both));
    expect(await outcome()).toEqual(stepwise);
  });

  it('tells nobody until it is complete, then everybody once', async () => {
    await decide(incident(both));
    const done = await work(2);
    expect(done).toBe(2);
    await world.expandAll();
    expect(await all('select from outbox')).toHaveLength(0);
    await work();
    await world.expandAll();
    const told = await all('select distinct subscriber_id from outbox');
    expect(told).toEqual(
      expect.arrayContaining(
        await all(`select subscriber_id from incident_subscribers where probability >= 0.5`),
      ),
    );
    expect(await all('select from outbox')).toHaveLength(told.length);
  });

  it('goes on where it stood when Postgres breaks the connection in the middle', async () => {
    await decide(incident(both));
    await work(2);
    const broken = withTransaction(database.pool, async (client) => {
      await client.query('select from impact_state for update');
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(broken).rejects.toMatchObject({ code: 'unavailable.postgres' });
    const [state] = await all('select mapped_to, is_complete from impact_state');
    expect(state).toMatchObject({ is_complete: false, mapped_to: expect.any(Number) });
    await work();
    await countsAreThoseOfRows();
    const people = await all('select from incident_subscribers where affected_to is null');
    expect(people.length).toBeGreaterThan(PEOPLE / 2);
  });

  it('stops at once when another leader has taken over', async () => {
    await decide(incident(both));
    await database.pool.query(`update epochs set epoch = epoch + 1 where name = 'leader'`);
    await expect(worker().turn()).rejects.toMatchObject({ code: 'lease.lost' });
    expect(await all('select from incident_subscribers')).toHaveLength(0);
    await database.pool.query(`update epochs set epoch = epoch - 1 where name = 'leader'`);
  });

  it('is brought up to cells that changed while it was being made', async () => {
    await decide(incident(both));
    await work(2);
    await decide(incident(['S2-1'], { revision: 2 }), T0 + MINUTE);
    await work();
    const current = await all(
      'select subscriber_id from incident_subscribers where affected_to is null order by 1',
    );
    await database.pool.query(
      'truncate incident_subscribers, incident_cells, impact_counts, impact_state',
    );
    await world.decide(incident(['S2-1']), T0 + MINUTE);
    expect(current).toEqual(
      await all(
        'select subscriber_id from incident_subscribers where affected_to is null order by 1',
      ),
    );
    expect(await all('select from incident_cells where degree = 0')).toHaveLength(0);
  });

  it('looks only at people of the cells that changed once it is complete', async () => {
    await database.pool.query('truncate last_seen');
    await insertSubscribers(database.pool, [{ id: 100, usual: { 'S4-1': 1 } }]);
    await decide(incident(both));
    await work();
    const before = await all('select xmin::text, * from incident_subscribers order by 3');
    const grown = await decide(incident([...both, 'S4-1'], { revision: 2 }), T0 + MINUTE);
    expect(grown.isEstimate).toBeUndefined();
    const after = await all('select xmin::text, * from incident_subscribers order by 3');
    expect(after.slice(0, -1)).toEqual(before);
    expect(after.at(-1)).toMatchObject({ subscriber_id: 100, affected_to: null });
    await countsAreThoseOfRows();
  });

  it('ends in steps when the incident is over, its flags with it', async () => {
    await decide(incident(both));
    await work();
    expect((await all('select from crm_desired')).length).toBeGreaterThan(0);
    const over = await decide(resolved(incident(both)), T0 + 40 * MINUTE);
    await work();
    expect(await all('select from incident_subscribers where affected_to is null')).toEqual([]);
    expect(await all('select from crm_desired')).toEqual([]);
    const [sum] = (await all(
      'select sum(minutes)::float8 as minutes from incident_subscribers',
    )) as { minutes: number }[];
    expect(over.userMinutes).toBeCloseTo(sum?.minutes ?? 0, 1);
  });

  it('leaves out a subscriber who is erased while it is being made, and ends one listed already', async () => {
    await decide(incident(both));
    await work(2);
    await database.pool.query(
      'update subscribers set erased_at = now() where subscriber_id in (1, 40)',
    );
    await work();
    await decide(incident(both), T0 + 10 * MINUTE);
    await work();
    const current = await all(
      'select subscriber_id from incident_subscribers where affected_to is null',
    );
    expect(current).not.toContainEqual({ subscriber_id: 1 });
    expect(current).not.toContainEqual({ subscriber_id: 40 });
    expect(await all('select from usual_cells where subscriber_id in (1, 40)')).toEqual([]);
    await countsAreThoseOfRows();
  });

  it('writes nothing at a look at everybody that finds nothing new', async () => {
    await database.pool.query('truncate last_seen');
    await decide(incident(both));
    await work();
    const before = await all('select xmin::text, ctid::text from incident_subscribers');
    await decide(incident(both), T0 + 30 * MINUTE);
    expect(await work()).toBeGreaterThan(1);
    expect(await all('select xmin::text, ctid::text from incident_subscribers')).toEqual(before);
  });
});
