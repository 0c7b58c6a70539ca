import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApprovalQueue } from '../../../src/adapters/postgres/approval-queue.js';
import { TocsinError } from '../../../src/domain/errors.js';
import type { ApprovalRequest } from '../../../src/notify/approval.js';
import type { NotificationPolicy } from '../../../src/notify/policy.js';
import { ApprovalDesk } from '../../../src/runtime/approval-desk.js';
import { wallClock } from '../../../src/runtime/clock.js';
import { Health } from '../../../src/runtime/health.js';
import { createLog } from '../../../src/runtime/log.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  policy,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const asking = {
  ...policy,
  approval: { ...policy.approval, abovePeople: 0, otherwise: 'sendShort' as const },
};
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, asking);
  await insertNetwork(database.pool, 1);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
  await world.decide(incident(['S1-1']));
});

function deskOf(rules: NotificationPolicy, answers: readonly (() => void)[]) {
  const asked: (ApprovalRequest & { name: string })[] = [];
  const moved: string[] = [];
  const contacts = answers.map((answer, n) => ({
    name: `contact ${n + 1}`,
    ask: async (request: ApprovalRequest) => {
      asked.push({ ...request, name: `contact ${n + 1}` });
      answer();
    },
  }));
  const desk = new ApprovalDesk({
    approvals: new ApprovalQueue(
      database.pool,
      rules,
      contacts.map(({ name }) => name),
    ),
    contacts,
    publicUrl: 'https://tocsin.example/',
    now: () => T0,
    moved: (id) => moved.push(id),
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
  });
  return { desk, asked, moved };
}

const timePasses = () =>
  database.pool.query(`update waves set ask_after = ask_after - interval '10 minutes'`);
const audit = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ action: string }>(
    `select action from audit_log where actor = 'policy' order by id`,
  );
  return rows.map(({ action }) => action);
};

describe('approval at three in the morning', () => {
  it('asks one after the other, then sends the short text to everybody and says so', async () => {
    const { desk, asked, moved } = deskOf(asking, [() => undefined, () => undefined]);
    expect(await desk.turn()).toBe('busy');
    expect(await desk.turn()).toBe('idle');
    expect(await world.sendAll()).toEqual([]);
    expect(asked[0]).toMatchObject({
      name: 'contact 1',
      url: 'https://tocsin.example/incidents/inc_1',
      answerBy: new Date(T0 + 300_000).toISOString(),
      reason: '1 people, more than the 0 that need no approval',
    });
    await timePasses();
    await desk.turn();
    await timePasses();
    await desk.turn();
    await timePasses();
    expect(await desk.turn()).toBe('idle');
    expect(asked.map(({ name }) => name)).toEqual(['contact 1', 'contact 2']);
    expect(moved).toHaveLength(3);
    expect(await audit()).toEqual(['wave.asked', 'wave.asked', 'wave.sendShort']);
    const [sms] = await world.sendAll();
    expect(sms?.text).toContain('un incident touche le réseau mobile à Rennes');
    await world.decide(incident(['S1-1'], { revision: 2 }));
    expect(await world.states()).toEqual({ 'onset accepted': 1 });
  });

  it('goes on at once when somebody cannot be reached, and holds where the policy says so', async () => {
    const away = (): never => {
      throw new TocsinError('unavailable.gateway', 'no answer');
    };
    const holding = { ...asking, approval: { ...asking.approval, otherwise: 'hold' as const } };
    const { desk, asked } = deskOf(holding, [away, () => undefined]);
    await desk.turn();
    await desk.turn();
    expect(asked.map(({ name }) => name)).toEqual(['contact 1', 'contact 2']);
    await timePasses();
    await desk.turn();
    await timePasses();
    expect(await desk.turn()).toBe('idle');
    expect(await audit()).toEqual(['wave.asked', 'wave.askFailed', 'wave.asked', 'wave.hold']);
    expect(await world.sendAll()).toEqual([]);
  });

  it('is over once a person has decided', async () => {
    const { desk } = deskOf(asking, [() => undefined]);
    await desk.turn();
    await database.pool.query(`update waves set state = 'expanding', approved_by = 'Zoé'`);
    await timePasses();
    expect(await desk.turn()).toBe('idle');
  });
});
