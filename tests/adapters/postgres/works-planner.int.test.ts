import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApprovalQueue } from '../../../src/adapters/postgres/approval-queue.js';
import { DryRunDesk } from '../../../src/adapters/postgres/dry-run-desk.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { applyWaveAct } from '../../../src/adapters/postgres/wave-acts.js';
import { planWorks } from '../../../src/adapters/postgres/works-planner.js';
import {
  impactRules,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  policy,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const HOUR = 60 * MINUTE;
const announcing = {
  ...policy,
  kinds: { ...policy.kinds, works: { ...policy.kinds.works, enabled: true } },
};
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, announcing);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, homeSite: 'S1' },
    { id: 2, usual: { 'S1-2': 0.9 } },
    { id: 3, homeSite: 'S2' },
    { id: 4, usual: { 'S1-2': 0.2 } },
  ]);
});

const announce = (inHours: number, lasts = 3): Promise<unknown> =>
  database.pool.query(
    `insert into works values ('W1', 'S1', $1, $2) on conflict (work_id) do update
     set starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
    [new Date(T0 + inHours * HOUR), new Date(T0 + (inHours + lasts) * HOUR)],
  );
const WORD = { actId: 'act_1', at: new Date(T0).toISOString(), actor: 'Zoé', why: 'a test' };
const waves = async (): Promise<string[][]> => {
  const { rows } = await database.pool.query<{ state: string; reason: string }>(
    'select state, reason from waves order by revision',
  );
  return rows.map(({ state, reason }) => [state, reason]);
};
const plan = (rules = announcing) => planWorks(database.pool, rules, T0);

describe('planned works', () => {
  it('are told ahead, once, to those whose place or usual cells go dark', async () => {
    await announce(24);
    await plan();
    await plan();
    const sent = await world.sendAll();
    expect(sent.map(({ to }) => Number(to.slice(4))).sort()).toEqual([1, 2]);
    expect(sent[0]?.text).toContain('travaux prévus sur le réseau mobile');
    expect(sent[0]?.text).toContain('environ 3 heures');
    await plan();
    expect(await world.sendAll()).toEqual([]);
  });

  it('are told anew when they were moved, and not any more as they were', async () => {
    await announce(24);
    await plan();
    await world.expandAll();
    await announce(30);
    await plan();
    expect(await world.sendAll()).toHaveLength(2);
    expect(await world.states()).toEqual({
      'works accepted': 2,
      'works suppressed worksChanged': 2,
    });
  });

  it('are not told too early, too late, or where the policy has it so', async () => {
    await announce(60);
    await plan();
    await announce(1);
    await plan();
    await announce(24);
    await plan(policy as typeof announcing);
    expect(await world.sendAll()).toEqual([]);
  });

  it('wait for a person above the limit, who lets them go or not', async () => {
    const asking = { ...announcing, approval: { ...announcing.approval, abovePeople: 1 } };
    await announce(24);
    await plan(asking);
    expect(await world.sendAll()).toEqual([]);
    expect(await waves()).toEqual([
      [
        'awaitingApproval',
        'planned works ahead of 2 people, more than the 1 that need no approval',
      ],
    ]);
    await announce(24, 4);
    await plan(asking);
    expect((await waves()).map(([state]) => state)).toEqual(['cancelled', 'awaitingApproval']);
    const act = { ...WORD, action: 'approve', incidentId: 'works:W1' } as const;
    await withTransaction(database.pool, (client) => applyWaveAct(client, act));
    expect(await world.sendAll()).toHaveLength(2);
    await plan(asking);
    expect(await world.sendAll()).toEqual([]);
  });

  it('are asked about like outages, and go as announced when nobody answers', async () => {
    const approval = { ...announcing.approval, abovePeople: 0, otherwise: 'sendShort' as const };
    await announce(24);
    await plan({ ...announcing, approval });
    const queue = new ApprovalQueue(database.pool, { ...announcing, approval }, ['Zoé']);
    const asked = await queue.step();
    expect(asked).toMatchObject({
      kind: 'works',
      people: expect.closeTo(2.1),
      step: { action: 'ask' },
    });
    await database.pool.query(`update waves set ask_after = '-infinity'`);
    expect((await queue.step())?.step).toEqual({ action: 'sendShort' });
    const [sms] = await world.sendAll();
    expect(sms?.text).toContain('travaux prévus sur le réseau mobile');
  });

  it('that nobody decided about in time are given up', async () => {
    const asking = { ...announcing, approval: { ...announcing.approval, byCause: { works: 0 } } };
    await announce(24);
    await plan(asking);
    await planWorks(database.pool, asking, T0 + 23 * HOUR);
    expect((await waves())[0]).toEqual([
      'cancelled',
      expect.stringMatching(/^too late before anybody decided: /),
    ]);
  });

  it('can be tried out before: who would be told, whether or not it is time', async () => {
    const desk = new DryRunDesk(database.pool, {
      policy: announcing,
      texts,
      impact: impactRules,
      segmentsPerSecond: 1,
      speed: 1,
    });
    await announce(60);
    expect((await desk.ofWorks('W1', T0))?.wave.state).toBe('notDue');
    await announce(24);
    const before = await desk.ofWorks('W1', T0);
    expect(before?.wave).toMatchObject({
      state: 'expanding',
      isDecided: false,
      people: expect.closeTo(2.1),
    });
    expect(before?.leftOut).toEqual([{ reason: 'improbable', people: 1 }]);
    await plan();
    const sent = await world.sendAll();
    expect(before?.messages.map(({ text, people }) => [text, people])).toEqual([
      [sent[0]?.text, sent.length],
    ]);
    expect(await desk.ofWorks('W9', T0)).toBeUndefined();
  });
});
