import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyAgentAnswer } from '../../../src/adapters/postgres/agent-answers.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import { readQuality } from '../../../src/adapters/postgres/read-quality.js';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import { statementReport } from '../../../src/api/statement-report.js';
import type { AgentAnswer } from '../../../src/domain/agent-answer.js';
import type { OperatorAct } from '../../../src/domain/facts.js';
import {
  crmRules,
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
  resolved,
  SECRET,
  T0,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 6);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, usual: { 'S1-1': 1 } },
    { id: 3, usual: { 'S4-1': 1 } },
  ]);
});

const OPEN = incident(['S1-1', 'S1-2', 'S1-3']);

function act(n: number, change: Partial<OperatorAct>): OperatorAct {
  return {
    actId: `act_${n}`,
    at: new Date(T0 + n * MINUTE).toISOString(),
    actor: 'Zoé',
    why: 'the caller says so',
    action: 'agentAnswer',
    incidentId: 'inc_1',
    subscriberId: 1,
    stated: { affected: 'yes', probability: 0.9 },
    ...change,
  };
}

const says = (n: number, answer: AgentAnswer, subscriberId = 1): OperatorAct =>
  act(n, { answer, subscriberId });

const undo = (n: number, undoes: string, subscriberId = 1): OperatorAct =>
  act(n, { action: 'undoAnswer', undoes, subscriberId });

async function apply(...acts: OperatorAct[]): Promise<void> {
  for (const each of acts)
    await withTransaction(database.pool, (client) => applyAgentAnswer(client, each, world.impact));
}

async function listed(): Promise<number[]> {
  const { rows } = await database.pool.query(
    'select subscriber_id from incident_subscribers where affected_to is null order by 1',
  );
  return rows.map((row) => row.subscriber_id);
}

async function flagged(): Promise<number[]> {
  const { rows } = await database.pool.query('select subscriber_id from crm_desired order by 1');
  return rows.map((row) => row.subscriber_id);
}

async function look(id: number, nowMs: number) {
  const lookup = postgresSubscriberLookup(database.pool, {
    phoneSecret: SECRET,
    crm: crmRules,
    impact: impactRules,
    policy,
    texts,
  });
  const outcome = await lookup.network(numberOf(id), { language: 'en', nowMs });
  return outcome.status === 'found' ? outcome.network : undefined;
}

describe('a caller who is not affected', () => {
  it('is listed and flagged no more, at once and when everybody is looked at again', async () => {
    await world.decide(OPEN);
    expect([await listed(), await flagged()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    await apply(says(1, 'notAffected'));
    expect([await listed(), await flagged()]).toEqual([[2], [2]]);
    const { rows } = await database.pool.query('select sum(people)::int as n from impact_counts');
    expect(rows[0].n).toBe(1);
    await world.decide({ ...OPEN, revision: 2 }, T0 + 10 * MINUTE);
    expect([await listed(), await flagged()]).toEqual([[2], [2]]);
    expect(await look(1, T0 + 11 * MINUTE)).toMatchObject({
      affected: 'no',
      reason: 'They told us 10 minutes ago that they are not affected.',
      answers: [{ actId: 'act_1', answer: 'notAffected' }],
    });
  });

  it('is again once that is undone, and applying acts twice changes nothing', async () => {
    await world.decide(OPEN);
    await apply(says(1, 'notAffected'), says(1, 'notAffected'));
    await apply(undo(2, 'act_1', 2));
    expect(await listed()).toEqual([2]);
    await apply(undo(3, 'act_1'), undo(3, 'act_1'));
    expect(await listed()).toEqual([1, 2]);
    expect((await look(1, T0 + 4 * MINUTE))?.affected).toBe('yes');
  });
});

describe('a caller for whom it is still down', () => {
  it('counts as affected while the incident is on, wherever they are', async () => {
    await world.decide(OPEN);
    await apply(says(1, 'stillDown', 3));
    expect(await listed()).toEqual([1, 2, 3]);
    expect(await look(3, T0 + 2 * MINUTE)).toMatchObject({ affected: 'yes', service: 'none' });
  });

  it('is said to be probably affected after it is over', async () => {
    await world.decide(OPEN);
    await world.decide(resolved(OPEN), T0 + 31 * MINUTE);
    expect((await look(1, T0 + 40 * MINUTE))?.affected).toBe('no');
    await apply(says(41, 'stillDown'));
    const answer = await look(1, T0 + 45 * MINUTE);
    expect(answer).toMatchObject({ affected: 'probably', incidentId: null });
    expect(answer?.reason).toContain('4 minutes ago that it does not work');
    expect(answer?.sentence).toContain('still does not work for you');
  });
});

describe('a caller who wants a text when it is back', () => {
  const restored = async (): Promise<Record<string, number>> => {
    await world.decide(resolved(OPEN), T0 + 31 * MINUTE);
    await world.sendAll(T0 + 31 * MINUTE);
    return world.states();
  };

  it('gets one, and only one, though nobody was told of the onset', async () => {
    await world.decide(OPEN);
    await database.pool.query(`update waves set state = 'cancelled'`);
    await apply(says(1, 'textWhenBack'), says(2, 'textWhenBack'));
    expect(await restored()).toMatchObject({ 'restored accepted': 1 });
    await world.decide({ ...resolved(OPEN), revision: 9 }, T0 + 35 * MINUTE);
    await world.sendAll(T0 + 35 * MINUTE);
    expect(await world.states()).toMatchObject({ 'restored accepted': 1 });
  });

  it('gets one only where the onset was told to them too', async () => {
    await world.decide(OPEN);
    await world.sendAll();
    await apply(says(1, 'textWhenBack'));
    expect(await restored()).toMatchObject({ 'onset accepted': 2, 'restored accepted': 2 });
  });

  it('gets none after taking it back, nor when they asked for no texts', async () => {
    await world.decide(OPEN);
    await database.pool.query(`update waves set state = 'cancelled'`);
    await apply(says(1, 'textWhenBack'), undo(2, 'act_1'), says(3, 'textWhenBack', 2));
    await database.pool.query(
      `insert into opt_outs (phone_key, source)
       select phone_key, 'sms' from subscriber_identifiers
       where subscriber_id = 2 and phone_key is not null`,
    );
    const states = await restored();
    expect(states['restored suppressed optedOut']).toBe(1);
    expect(states['restored accepted']).toBeUndefined();
  });
});

describe('what callers say', () => {
  it('shows how often what was stated is so, and outlives who was erased without a name', async () => {
    await world.decide(OPEN);
    await apply(
      says(1, 'notAffected'),
      says(2, 'stillDown', 2),
      act(3, {
        answer: 'notAffected',
        subscriberId: 3,
        stated: { affected: 'no', probability: 0 },
      }),
      says(4, 'otherProblem', 3),
    );
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    const { rows } = await database.pool.query(
      'select subscriber_id from agent_answers order by answer_id',
    );
    expect(rows.map((row) => row.subscriber_id)).toEqual([null, 2, 3, 3]);
    const counts = await readQuality(database.pool, T0 - MINUTE, T0 + 60 * MINUTE);
    const report = statementReport(counts.judgedStatements);
    expect(report).toMatchObject({
      answers: 3,
      byCertainty: [
        { stated: 'yes', answers: 2, agree: 1, share: 0.5 },
        { stated: 'probably', answers: 0, share: null },
        { stated: 'no', answers: 1, agree: 1, share: 1 },
      ],
    });
    expect(report.brier).toBeCloseTo((0.81 + 0.01) / 3, 5);
  });
});
