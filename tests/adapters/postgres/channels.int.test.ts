import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresGatewayInbox } from '../../../src/adapters/postgres/gateway-inbox.js';
import { PostgresOutboxQueue } from '../../../src/adapters/postgres/outbox-queue.js';
import { PostgresWaveStore } from '../../../src/adapters/postgres/wave-store.js';
import { CHANNELS, type Channel } from '../../../src/domain/customer.js';
import { decideAtDispatch } from '../../../src/notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../../src/notify/policy.js';
import type { ClaimedSms, SendResult } from '../../../src/notify/ports.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
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
beforeEach(() => world.reset());

const usual = { 'S1-1': 1 };
type Fallback = NotificationPolicy['channels']['push']['fallback'];

function policyWith(
  fallback: Fallback,
  whenLost: 'handOver' | 'hold' = 'hold',
): NotificationPolicy {
  const { push, email } = policy.channels;
  return {
    ...policy,
    channels: {
      ...policy.channels,
      sms: { whenLost, fallback },
      push: { ...push, fallback },
      email: { ...email, fallback },
    },
  };
}

/** Sends of one channel, as its worker does it. */
class Desk {
  readonly queue: PostgresOutboxQueue;
  readonly #policy: NotificationPolicy;
  readonly sent: { channel: Channel; sms: ClaimedSms }[] = [];

  constructor(rules: NotificationPolicy) {
    const waves = new PostgresWaveStore({ policy: rules, channels: CHANNELS });
    this.queue = new PostgresOutboxQueue(database.pool, waves, rules);
    this.#policy = rules;
  }

  async turn(channel: Channel, answer: (sms: ClaimedSms) => SendResult): Promise<number> {
    const board = { channels: CHANNELS };
    const { messages, rerouted } = await this.queue.handOver({
      maxMessages: 100,
      sender: { name: channel, segmentsPerSecond: 100_000, channels: [channel] },
      settleAfterMs: 60_000,
      nowMs: T0,
      speed: 1,
      decide: (facts, given) =>
        decideAtDispatch(facts, { ...given, ...board }, this.#policy, texts, T0),
    });
    for (const sms of messages) this.sent.push({ channel, sms });
    await this.queue.record(
      messages.map((sms) => ({
        messageId: sms.messageId,
        attempt: sms.attempt,
        result: answer(sms),
        retryInMs: 0,
      })),
    );
    return messages.length + rerouted;
  }

  async all(answer: (channel: Channel, sms: ClaimedSms) => SendResult = taken): Promise<void> {
    while (await this.queue.expand());
    for (;;) {
      let moved = 0;
      for (const channel of CHANNELS)
        moved += await this.turn(channel, (sms) => answer(channel, sms));
      if (moved === 0) return;
    }
  }
}

function taken(channel: Channel, sms: ClaimedSms): SendResult {
  return { status: 'accepted', gatewayId: `${channel}-${sms.messageId}` };
}
const refused: SendResult = { status: 'refused', reason: 'gateway.404', isOptOut: false };

async function wants(id: number, channels: string): Promise<void> {
  await database.pool.query('update subscribers set channels = $2 where subscriber_id = $1', [
    id,
    channels,
  ]);
}

const report = (channel: Channel, sms: ClaimedSms, state: 'failed' | 'delivered') =>
  new PostgresGatewayInbox(database.pool, SECRET, { channel }).receipt({
    gatewayId: `${channel}-${sms.messageId}`,
    status: state,
    state,
    errorCode: null,
    isOptOut: false,
    messageId: sms.messageId,
  });

describe('channels', () => {
  it('carry to each person one message, by what they want most and can receive', async () => {
    await insertSubscribers(
      database.pool,
      [1, 2, 3, 4].map((id) => ({ id, usual })),
    );
    await wants(2, 'push|sms');
    await wants(3, 'email');
    await wants(4, 'sms|push');
    const desk = new Desk(policyWith('never', 'handOver'));
    // Their texts are lost, their data is not.
    await world.decide(incident(['S1-1']));
    await database.pool.query('update incident_subscribers set lost = 31 << 10');
    await desk.all();
    const by = desk.sent.map(({ channel, sms }) => `${sms.to} ${channel}`).sort();
    expect(by).toEqual([
      `${numberOf(1)} sms`,
      `${numberOf(2)} push`,
      `${numberOf(3)} email`,
      `${numberOf(4)} push`,
    ]);
    const push = desk.sent.find(({ sms }) => sms.to === numberOf(2))?.sms;
    expect(push?.more).toEqual({
      title: 'Incident réseau à Rennes',
      language: 'fr',
      kind: 'onset',
      subscriberId: 2,
      account: 'A2',
    });
    const { rows } = await database.pool.query<{ channel: string; segments: number }>(
      'select channel, segments from sms_spend order by channel',
    );
    expect(rows).toEqual([
      { channel: 'email', segments: 1 },
      { channel: 'push', segments: 2 },
      { channel: 'sms', segments: 1 },
    ]);
  });

  it('keep a message here until texts arrive again, where the policy says so', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual }]);
    const desk = new Desk(policyWith('never'));
    await world.decide(incident(['S1-1']));
    await desk.all();
    expect(await world.states()).toEqual({ 'onset pending unreachable': 1 });
    await database.pool.query('update incident_subscribers set lost = 31');
    await world.wallTimePasses();
    await desk.queue.wake();
    await desk.all();
    expect(desk.sent).toHaveLength(1);
  });

  it('make no second message of one that failed, unless the policy says so', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual }]);
    await wants(1, 'push|sms');
    const desk = new Desk(policyWith('never', 'handOver'));
    await world.decide(incident(['S1-1']));
    await database.pool.query('update incident_subscribers set lost = 0');
    await desk.all((channel, sms) => (channel === 'push' ? refused : taken(channel, sms)));
    expect(desk.sent.map(({ channel }) => channel)).toEqual(['push']);
    expect(await world.states()).toEqual({ 'onset failed gateway.404': 1 });
  });

  it('go on by the next when a gateway refused or reported a failure, as the policy says', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual },
      { id: 2, usual },
    ]);
    for (const id of [1, 2]) await wants(id, 'push|sms');
    const desk = new Desk(policyWith('whenFailed'));
    await world.decide(incident(['S1-1']));
    await database.pool.query('update incident_subscribers set lost = 0');
    await desk.all((channel, sms) =>
      channel === 'push' && sms.to === numberOf(1) ? refused : taken(channel, sms),
    );
    const late = desk.sent.find(({ sms }) => sms.to === numberOf(2));
    if (late === undefined) throw new Error('nothing was sent');
    await report('push', late.sms, 'failed');
    await desk.all();
    expect(desk.sent.map(({ channel, sms }) => `${sms.to} ${channel}`).sort()).toEqual(
      [1, 2].flatMap((id) => [`${numberOf(id)} push`, `${numberOf(id)} sms`]),
    );
    // What the first gateway says now is about a message that is no longer its own.
    await report('push', late.sms, 'failed');
    await report('push', late.sms, 'delivered');
    expect(await world.states()).toEqual({ 'onset accepted': 2 });
  });

  it('never carry two messages of a kind to a number, whatever gateways answer and report', async () => {
    const lists = fc.constantFrom('', 'sms', 'push', 'push|sms', 'sms|push|email', 'email|push');
    const word = fc.constantFrom('taken', 'refused', 'busy', 'unknown');
    const later = fc.constantFrom('failed', 'delivered', 'none');
    const run = fc.record({
      fallback: fc.constantFrom<Fallback>('never', 'whenRefused', 'whenFailed'),
      wanted: fc.array(lists, { minLength: 1, maxLength: 4 }),
      lost: fc.constantFrom(0, 31 << 10, 31 << 5, 32767),
      words: fc.array(word, { minLength: 1, maxLength: 6 }),
      reports: fc.array(later, { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ fallback, wanted, lost, words, reports }) => {
        await world.reset();
        const people = wanted.map((_, n) => ({ id: n + 1, usual }));
        await insertSubscribers(database.pool, people);
        for (const [n, list] of wanted.entries()) await wants(n + 1, list);
        const desk = new Desk(policyWith(fallback, 'handOver'));
        await world.decide(incident(['S1-1']));
        await database.pool.query('update incident_subscribers set lost = $1', [lost]);
        const alive = new Map<string, number>();
        let at = 0;
        const failures = new Set<string>();
        const answer = (channel: Channel, sms: ClaimedSms): SendResult => {
          const said = words[at++ % words.length];
          const key = `${sms.to} ${channel}`;
          if (said === 'busy' && at < 8) {
            return { status: 'busy', reason: 'slow', retryAfterMs: null, isOutage: false };
          }
          if (said === 'refused') return refused;
          // Taken, or perhaps: the person may have it unless it is reported as failed.
          alive.set(sms.to, (alive.get(sms.to) ?? 0) + 1);
          failures.delete(key);
          return said === 'unknown'
            ? { status: 'unknown', reason: 'time-out' }
            : taken(channel, sms);
        };
        for (let round = 0; round < 3; round++) {
          await desk.queue.wake();
          await desk.all(answer);
          for (const [n, { channel, sms }] of desk.sent.entries()) {
            const said = reports[n % reports.length];
            const key = `${sms.to} ${channel}`;
            if (said === undefined || said === 'none' || failures.has(key)) continue;
            const outcome = await report(channel, sms, said);
            if (said === 'failed' && outcome === 'applied') {
              failures.add(key);
              if (fallback === 'whenFailed') alive.set(sms.to, (alive.get(sms.to) ?? 0) - 1);
            }
          }
        }
        for (const count of alive.values()) expect(count).toBeLessThanOrEqual(1);
      }),
      { numRuns: 8 },
    );
  }, 150_000);
});
