import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readTwilioStatus } from '../../../src/adapters/twilio/twilio-status.js';
import { messageMark } from '../../../src/notify/message-mark.js';
import type { ClaimedSms, ReceiptInput } from '../../../src/notify/ports.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  resolved,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 1);
});
afterAll(() => database.close());
beforeEach(() => world.reset());

/** A message about an open incident that has just been claimed, and its receipt. */
async function claimed(ids = [1]): Promise<ClaimedSms[]> {
  await insertSubscribers(
    database.pool,
    ids.map((id) => ({ id, usual: { 'S1-1': 1 } })),
  );
  await world.decide(incident(['S1-1']));
  await world.expandAll();
  return [...(await world.handOver()).messages];
}

function receipt(sms: ClaimedSms | undefined, status: string, errorCode: string | null = null) {
  const messageId = sms?.messageId ?? null;
  return world.inbox.receipt(said({ status, errorCode, messageId }));
}

function said(change: Partial<ReceiptInput> = {}): ReceiptInput {
  const base = { gatewayId: 'SM1', status: 'sent', errorCode: null, messageId: null, ...change };
  return { ...base, ...readTwilioStatus(base.status, base.errorCode) };
}

describe('receipts', () => {
  it('settle a message whose answer was lost, by the id in the callback’s address', async () => {
    const [sms] = await claimed();
    expect(await receipt(sms, 'sent')).toBe('applied');
    expect(await world.states()).toEqual({ 'onset accepted': 1 });
    expect(await receipt(undefined, 'delivered')).toBe('applied');
    expect(await world.states()).toEqual({ 'onset delivered': 1 });
  });

  it('trace a message of unknown fate by number and mark, and no other', async () => {
    const [sms] = await claimed([1, 2]);
    if (!sms) throw new Error('nothing was claimed');
    const mark = messageMark(sms.messageId);
    const traced = (to: string, own: number): Promise<string> =>
      world.inbox.receipt({ ...said({ status: 'delivered' }), trace: { to, mark: own } });
    expect(await traced(sms.to, (mark + 1) & 0xffff)).toBe('unknownMessage');
    expect(await traced(numberOf(9), mark)).toBe('unknownMessage');
    await database.pool.query(`update outbox set state = 'uncertain'`);
    expect(await traced(sms.to, mark)).not.toBe('unknownMessage');
    expect(await world.states()).toEqual({ 'onset delivered': 1, 'onset uncertain': 1 });
  });

  it('keep a late answer of the gateway from undoing what they said', async () => {
    const [sms] = await claimed();
    await receipt(sms, 'delivered');
    if (!sms) throw new Error('nothing was claimed');
    const result = { status: 'busy', reason: 'x', retryAfterMs: null, isOutage: true } as const;
    await world.queue.record([{ ...sms, result, retryInMs: 0 }]);
    expect(await world.states()).toEqual({ 'onset delivered': 1 });
  });

  it('never leave a final state, in whatever order and however often they come', async () => {
    const [sms] = await claimed();
    const statuses = ['queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed'];
    const FINAL: Record<string, string> = {
      delivered: 'onset delivered',
      undelivered: 'onset failed gateway.30003',
      failed: 'onset failed gateway.30003',
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...statuses), { minLength: 1 }), async (order) => {
        await database.pool.query(
          `update outbox set state = 'claimed', reason = null, gateway_id = null`,
        );
        for (const status of order) await receipt(sms, status, FINAL[status] ? '30003' : null);
        const first = order.find((status) => FINAL[status] !== undefined);
        const expected = first === undefined ? 'onset accepted' : FINAL[first];
        expect(await world.states()).toEqual({ [expected ?? '']: 1 });
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('say that a repeated one is repeated, and that an unknown one is unknown', async () => {
    const [sms] = await claimed();
    expect(await receipt(sms, 'sent')).toBe('applied');
    expect(await receipt(sms, 'sent')).toBe('repeated');
    expect(await receipt(sms, 'on its way')).toBe('unknownStatus');
    const stranger = said({ gatewayId: 'SM9', messageId: 'msg_none' });
    expect(await world.inbox.receipt(stranger)).toBe('unknownMessage');
  });

  it('do not move a message that was never handed over', async () => {
    await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
    await world.decide(incident(['S1-1']));
    await world.expandAll();
    const { rows } = await database.pool.query<{ messageId: string }>(
      `select message_id as "messageId" from outbox`,
    );
    const messageId = rows[0]?.messageId ?? null;
    await world.inbox.receipt(said({ messageId }));
    expect(await world.states()).toEqual({ 'onset pending': 1 });
  });

  it('bring "restored" to someone of whom it is learnt late that they were told', async () => {
    const [sms] = await claimed();
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toEqual([]);
    await receipt(sms, 'delivered');
    expect(await world.sendAll(T0 + 32 * MINUTE)).toHaveLength(1);
    expect(await world.states()).toMatchObject({ 'restored accepted': 1 });
  });

  it('take an opt-out the gateway knows of into our list', async () => {
    const [sms] = await claimed();
    await receipt(sms, 'failed', '21610');
    const { rows } = await database.pool.query('select source from opt_outs');
    expect(rows).toEqual([{ source: 'gateway' }]);
  });
});

describe('texts from subscribers', () => {
  it('opt out by STOP and back in by START, but not off the operator’s own list', async () => {
    const count = async (): Promise<number> =>
      (await database.pool.query('select * from opt_outs')).rowCount ?? 0;
    const say = (body: string) => world.inbox.inbound({ from: numberOf(1), body });
    expect(await say('merci')).toBeUndefined();
    expect(await say('stop')).toBe('out');
    expect(await say('S T O P.')).toBe('out');
    expect(await count()).toBe(1);
    expect(await say('Start')).toBe('in');
    expect(await count()).toBe(0);
    await say('ARRÊT');
    await database.pool.query(`update opt_outs set source = 'import'`);
    await say('start');
    expect(await count()).toBe(1);
  });
});
