import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresOutboxQueue } from '../../../src/adapters/postgres/outbox-queue.js';
import { phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import { PostgresWaveStore } from '../../../src/adapters/postgres/wave-store.js';
import { decideAtDispatch } from '../../../src/notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../../src/notify/policy.js';
import type { Sender } from '../../../src/notify/ports.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
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
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(
    database.pool,
    [1, 2, 3, 4].map((id) => ({ id, usual: { 'S1-1': 1 } })),
  );
});

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();
const counts = async (): Promise<Record<string, number>[]> => {
  const { rows } = await database.pool.query<{ counts: Record<string, number> }>(
    'select counts from waves order by kind, revision',
  );
  return rows.map((row) => row.counts);
};
const withPolicy = (change: Partial<NotificationPolicy>): OutboxWorld =>
  new OutboxWorld(database.pool, { ...policy, ...change });

describe('a new estimate', () => {
  const open = (minutes: number) => incident(['S1-1'], { estimatedRepairAt: at(minutes) });

  it('goes to those who were told another, once, and not to those who heard it already', async () => {
    await world.decide(open(60));
    await world.expandAll();
    const [first] = (await world.handOver(T0, 1)).messages;
    expect(first?.text).toContain('vers 15h00');
    const result = { status: 'accepted' as const, gatewayId: 'SM1' };
    const record = { messageId: first?.messageId ?? '', attempt: 1, result, retryInMs: 0 };
    await world.queue.record([record]);
    await world.decide(open(180), T0 + MINUTE);
    await world.decide(open(180), T0 + 2 * MINUTE);
    const sent = await world.sendAll(T0 + 2 * MINUTE);
    expect(sent.map(({ text }) => text.includes('17h00'))).toEqual([true, true, true, true]);
    expect(await world.states()).toEqual({ 'onset accepted': 4, 'update accepted': 1 });
    const { rows } = await database.pool.query(
      `select distinct note from outbox where kind = 'onset' and note is not null`,
    );
    expect(rows).toEqual([{ note: 'newEstimate' }]);
  });
});

describe('a gradual roll-out', () => {
  it('writes to the numbers it names and to nobody else', async () => {
    const rollout = { ...policy.rollout, numbers: [numberOf(2)] };
    const named = { ...policy, rollout };
    const waves = new PostgresWaveStore({ policy: named, phoneSecret: SECRET });
    await world.decide(incident(['S1-1']));
    while (await waves.expand(database.pool));
    expect((await world.sendAll()).map(({ to }) => to)).toEqual([numberOf(2)]);
    expect(await counts()).toEqual([{ people: 4, messages: 1, notRolledOut: 3 }]);
  });

  it('writes to the same share of numbers each time', async () => {
    const told = async (percent: number): Promise<string[]> => {
      await database.pool.query('truncate outbox, waves, incidents, impact_state, impact_counts');
      const part = withPolicy({ rollout: { ...policy.rollout, percent } });
      await part.decide(incident(['S1-1']));
      return (await part.sendAll()).map(({ to }) => to).sort();
    };
    const expected = [1, 2, 3, 4]
      .map(numberOf)
      .filter((number) => (phoneKey(SECRET, number)[0] ?? 0) < 128);
    expect(await told(50)).toEqual(expected);
    expect(await told(0)).toEqual([]);
  });

  it('tells no incident that reaches beyond its regions', async () => {
    const north = { name: 'North', south: 60, west: 0, north: 70, east: 10 };
    const away = withPolicy({ rollout: { ...policy.rollout, regions: [north] } });
    expect(await away.decide(incident(['S1-1']))).toBe('roll-out: site S1 is outside North');
  });
});

describe('the control group', () => {
  it('is written down and told nothing, under whatever lineage it is merged into', async () => {
    const key = phoneKey(SECRET, numberOf(3));
    const waves = new PostgresWaveStore({
      policy,
      assign: async (client, { lineageId }) => {
        await client.query('insert into control_group values ($1, $2) on conflict do nothing', [
          lineageId,
          key,
        ]);
      },
    });
    await world.decide(incident(['S1-1']));
    while (await waves.expand(database.pool));
    await world.decide(
      incident(['S1-1'], { id: 'inc_2', lineageId: 'lin_2', absorbedLineages: ['lin_1'] }),
    );
    expect((await world.sendAll()).map(({ to }) => to)).not.toContain(numberOf(3));
    expect((await world.states())['onset suppressed controlGroup']).toBe(2);
  });
});

describe('a sender', () => {
  const handOver = (queue: PostgresOutboxQueue, sender: Sender, now = T0) =>
    queue.handOver({
      maxMessages: 100,
      sender,
      settleAfterMs: 60_000,
      nowMs: now,
      speed: 1,
      decide: (facts, board) => decideAtDispatch(facts, board, policy, texts, now),
    });

  it('is handed no more than it can do in a second, by however many instances', async () => {
    await insertSubscribers(
      database.pool,
      Array.from({ length: 30 }, (_, n) => ({ id: n + 10, usual: { 'S1-1': 1 } })),
    );
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const other = new PostgresOutboxQueue(database.pool, new PostgresWaveStore({ policy }), policy);
    const sender = { name: 'slow', segmentsPerSecond: 4 };
    const before = performance.now();
    const both = await Promise.all([handOver(world.queue, sender), handOver(other, sender)]);
    const seconds = (performance.now() - before) / 1000;
    const segments = both
      .flatMap(({ messages }) => messages)
      .reduce((sum, sms) => sum + sms.segments, 0);
    expect(segments).toBeGreaterThanOrEqual(4);
    expect(segments).toBeLessThanOrEqual(4 * (1 + seconds) + 2 * policy.texts.maxSegments);
  });

  it('is handed nothing more while five seconds of it lie there unanswered', async () => {
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const sender = { name: 'mute', segmentsPerSecond: 0.2 };
    const first = await handOver(world.queue, sender);
    expect(first.messages).toHaveLength(1);
    await database.pool.query(`update sms_senders set tokens = 1`);
    const second = await handOver(world.queue, sender);
    expect(second.messages).toEqual([]);
    expect(second.waitMs).toBeGreaterThan(0);
  });

  it('goes on after the clock has jumped back, and gains nothing when it jumps ahead', async () => {
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const sender = { name: 'jumpy', segmentsPerSecond: 2 };
    await handOver(world.queue, sender);
    const jump = async (by: string, tokens: number): Promise<number> => {
      await database.pool.query(
        `update sms_senders set tokens = $2, filled_at = filled_at + $1::interval`,
        [by, tokens],
      );
      await handOver(world.queue, sender);
      const { rows } = await database.pool.query<{ tokens: number; isNow: boolean }>(
        `select tokens, filled_at <= clock_timestamp() as "isNow" from sms_senders
         where sender = 'jumpy'`,
      );
      expect(rows[0]?.isNow).toBe(true);
      return rows[0]?.tokens ?? Number.NaN;
    };
    expect(await jump('1 hour', -5)).toBe(-5);
    expect(await jump('-1 day', -1)).toBeLessThanOrEqual(2);
  });

  it('is paid for what left and not for what came back', async () => {
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const { messages } = await world.handOver();
    await world.queue.release(messages.slice(1));
    const { rows } = await database.pool.query('select lineage_id, segments from sms_spend');
    expect(rows).toEqual([{ lineage_id: 'lin_1', segments: messages[0]?.segments }]);
  });
});
