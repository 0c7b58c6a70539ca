import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
  resolved,
  SECRET,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { accepted, OutboxWorld } from './outbox-world.js';

let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 3);
});
afterAll(() => database.close());
beforeEach(() => world.reset());

const site1 = ['S1-1', 'S1-2', 'S1-3'];
const usual = { 'S1-1': 1 };
const people = (...ids: number[]) => ids.map((id) => ({ id, usual }));

describe('who is told', () => {
  it('tells everybody affected once, and on restoration only those who were told', async () => {
    await insertSubscribers(database.pool, [...people(1, 2, 3), { id: 4, usual: { 'S3-1': 1 } }]);
    await world.decide(incident(site1));
    const refuseOne = (sms: Parameters<typeof accepted>[0]) =>
      sms.to === numberOf(3)
        ? { status: 'refused' as const, reason: 'gateway.30005', isOptOut: false }
        : accepted(sms);
    const onset = await world.sendAll(T0, refuseOne);
    expect(onset.map((sms) => sms.to).sort()).toEqual([1, 2, 3].map(numberOf));
    await world.decide(incident(site1), T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    const restored = await world.sendAll(T0 + 31 * MINUTE);
    expect(restored.map((sms) => sms.to).sort()).toEqual([1, 2].map(numberOf));
    expect(restored[0]?.text).toContain('rétabli');
    await world.decide(resolved(incident(site1)), T0 + 32 * MINUTE);
    expect(await world.sendAll(T0 + 32 * MINUTE)).toEqual([]);
  });

  it('sends no restored wave at all when nobody was told', async () => {
    await insertSubscribers(database.pool, people(1));
    await world.decide(incident(site1));
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toEqual([]);
    expect(await world.states()).toEqual({});
  });

  it('sends one message to a number that is on two accounts', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual, number: numberOf(1) },
      { id: 2, usual, number: numberOf(1) },
    ]);
    await world.decide(incident(site1));
    expect(await world.sendAll()).toHaveLength(1);
  });

  it('sends one message to a number whose accounts fall into different chunks', async () => {
    const small = new OutboxWorld(database.pool, policy, 1);
    await insertSubscribers(database.pool, [
      { id: 1, usual, number: numberOf(1) },
      { id: 2, usual },
      { id: 3, usual, number: numberOf(1) },
    ]);
    await small.decide(incident(site1));
    expect((await small.sendAll()).map((sms) => sms.to).sort()).toEqual([numberOf(1), numberOf(2)]);
  });

  it('leaves machines, data-only lines, emergency services and the improbable alone', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual, kind: 'machine' },
      { id: 2, usual, kind: 'dataOnly' },
      { id: 3, usual, kind: 'emergency' },
      { id: 4, usual: { 'S1-1': 0.3 } },
      { id: 5, usual, kind: 'fleet' },
    ]);
    await world.decide(incident(site1));
    const sent = await world.sendAll();
    expect(sent.map((sms) => sms.to)).toEqual([numberOf(5)]);
    expect(sent[0]?.text).toContain('une de vos lignes');
  });

  it('tells those who come to be affected later, and nobody again', async () => {
    await insertSubscribers(database.pool, [...people(1), { id: 2, usual: { 'S2-1': 1 } }]);
    await world.decide(incident(site1));
    await world.sendAll();
    await world.decide(incident([...site1, 'S2-1'], { revision: 2 }), T0 + MINUTE);
    const later = await world.sendAll(T0 + MINUTE);
    expect(later.map((sms) => sms.to)).toEqual([numberOf(2)]);
  });

  it('sends the vulnerable first, then business, then others', async () => {
    await insertSubscribers(database.pool, [
      { id: 1, usual },
      { id: 2, usual, segment: 'business' },
      { id: 3, usual, vulnerable: true },
    ]);
    await world.decide(incident(site1));
    expect((await world.sendAll()).map((sms) => sms.to)).toEqual([3, 2, 1].map(numberOf));
  });
});

describe('what changes between decision and dispatch', () => {
  it('does not send to someone who opted out or was erased meanwhile', async () => {
    await insertSubscribers(database.pool, people(1, 2, 3));
    await world.decide(incident(site1));
    await world.expandAll();
    await world.inbox.inbound({ from: numberOf(1), body: ' Arrêt ! ' });
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 2');
    expect((await world.sendAll()).map((sms) => sms.to)).toEqual([numberOf(3)]);
    expect(await world.states()).toEqual({
      'onset accepted': 1,
      'onset suppressed erased': 1,
      'onset suppressed optedOut': 1,
    });
  });

  it('sends no onset once the incident is over', async () => {
    await insertSubscribers(database.pool, people(1, 2));
    await world.decide(incident(site1));
    await world.expandAll();
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toEqual([]);
    expect(await world.states()).toEqual({ 'onset suppressed incidentOver': 2 });
  });

  it('tells those left out when the incident opens again, and only them', async () => {
    await insertSubscribers(database.pool, people(1, 2));
    await world.decide(incident(site1));
    await world.expandAll();
    await world.queue.record(
      (await world.handOver(T0, 1)).messages.map((sms) => ({
        messageId: sms.messageId,
        attempt: sms.attempt,
        result: accepted(sms),
        retryInMs: 0,
      })),
    );
    const over = resolved(incident(site1));
    await world.decide(over, T0 + 31 * MINUTE);
    await world.sendAll(T0 + 31 * MINUTE);
    const again = incident(site1, { revision: 3 });
    await world.decide(again, T0 + 40 * MINUTE);
    expect(await world.sendAll(T0 + 40 * MINUTE)).toHaveLength(1);
    expect(await world.states()).toMatchObject({ 'onset accepted': 2 });
  });

  it('holds a message in quiet hours and decides again when they end', async () => {
    await insertSubscribers(database.pool, people(1));
    const night = Date.UTC(2026, 0, 14, 22, 0);
    const open = incident(site1);
    await world.decide(open, night);
    expect(await world.sendAll(night)).toEqual([]);
    expect(await world.states()).toEqual({ 'onset pending quietHours': 1 });
    const morning = Date.UTC(2026, 0, 15, 6, 1);
    await world.wallTimePasses();
    await world.decide(incident(site1, { revision: 2 }), morning);
    expect(await world.sendAll(morning)).toHaveLength(1);
  });

  it('does not hold a message back again and again when there is nothing else to do', async () => {
    await insertSubscribers(database.pool, people(1));
    await world.decide(incident(site1));
    await world.expandAll();
    await world.decide({ ...incident(site1), state: 'recovering' }, T0 + MINUTE);
    expect((await world.handOver(T0 + MINUTE)).held).toEqual({ incidentRecovering: 1 });
    expect((await world.handOver(T0 + MINUTE)).held).toEqual({});
  });

  it('hands nothing over while the kill switch is on, from the next look on', async () => {
    await insertSubscribers(database.pool, people(1, 2));
    await world.decide(incident(site1));
    await world.expandAll();
    expect((await world.handOver(T0, 1)).messages).toHaveLength(1);
    await database.pool.query(`insert into settings values ('killSwitch', '{"on": true}')`);
    expect(await world.handOver(T0)).toMatchObject({ messages: [], isKilled: true });
    await database.pool.query(`update settings set value = '{"on": false}'`);
    expect((await world.handOver(T0)).messages).toHaveLength(1);
  });

  it('records everything and sends nothing in shadow mode', async () => {
    await insertSubscribers(database.pool, people(1));
    await database.pool.query(`insert into settings values ('shadow', 'true')`);
    expect(await world.decide(incident(site1))).toBe('shadow');
    expect(await world.sendAll()).toEqual([]);
    expect(await world.states()).toEqual({ 'onset suppressed shadow': 1 });
    await world.decide(resolved(incident(site1)), T0 + 31 * MINUTE);
    expect(await world.sendAll(T0 + 31 * MINUTE)).toEqual([]);
  });

  it('never sends more onsets to a number in a day than the policy allows', async () => {
    await insertSubscribers(database.pool, people(1));
    const days = policy.people.maxPerDay + 1;
    for (let n = 0; n < days; n++) {
      await world.decide(incident(site1, { id: `inc_${n}`, lineageId: `lin_${n}` }));
      await world.sendAll();
    }
    expect(await world.states()).toEqual({
      'onset accepted': policy.people.maxPerDay,
      'onset suppressed dailyCap': 1,
    });
  });

  it('uses no number that is not the person’s any more', async () => {
    await insertSubscribers(database.pool, people(1));
    await world.decide(incident(site1));
    await world.expandAll();
    await database.pool.query(
      `update subscriber_identifiers set valid_to = now() where kind = 'msisdn'`,
    );
    await database.pool.query(
      `insert into subscriber_identifiers (kind, value, subscriber_id, phone_key)
       values ('msisdn', $1, 1, $2)`,
      [numberOf(99), phoneKey(SECRET, numberOf(99))],
    );
    expect(await world.sendAll()).toEqual([]);
    expect(await world.states()).toEqual({ 'onset suppressed noNumber': 1 });
  });
});

describe('merge and split', () => {
  it('tells nobody again when incidents are merged, and all of them when it is over', async () => {
    await insertSubscribers(database.pool, [...people(1), { id: 2, usual: { 'S2-1': 1 } }]);
    const other = incident(['S2-1'], { id: 'inc_2', lineageId: 'lin_2' });
    await world.decide(incident(site1));
    await world.decide(other);
    expect(await world.sendAll()).toHaveLength(2);
    const merged = incident([...site1, 'S2-1'], { revision: 2, absorbedLineages: ['lin_2'] });
    const gone = { ...resolved(other), state: 'closed' as const, mergedInto: 'inc_1' };
    await world.decide(merged, T0 + MINUTE);
    expect(await world.decide(gone, T0 + MINUTE)).toBe('it goes on as inc_1');
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    await world.decide(resolved(merged), T0 + 31 * MINUTE);
    const restored = await world.sendAll(T0 + 31 * MINUTE);
    expect(restored.map((sms) => sms.to).sort()).toEqual([1, 2].map(numberOf));
  });

  it('tells those of the merged incident who were still waiting, once', async () => {
    await insertSubscribers(database.pool, [{ id: 2, usual: { 'S2-1': 1 } }]);
    const other = incident(['S2-1'], { id: 'inc_2', lineageId: 'lin_2' });
    await world.decide(other);
    await world.expandAll();
    await world.decide(incident(['S1-1', 'S2-1'], { absorbedLineages: ['lin_2'] }), T0 + MINUTE);
    await world.decide({ ...resolved(other), state: 'closed', mergedInto: 'inc_1' }, T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toHaveLength(1);
    expect(await world.states()).toEqual({
      'onset accepted': 1,
      'onset suppressed alreadyTold': 1,
    });
  });

  it('does not say "restored" to those whom the other half of a split still affects', async () => {
    await insertSubscribers(database.pool, [...people(1), { id: 2, usual: { 'S2-1': 1 } }]);
    const both = incident([...site1, 'S2-1']);
    await world.decide(both);
    await world.sendAll();
    const half = incident(['S2-1'], { id: 'inc_2' });
    const rest = incident(site1, { revision: 2 });
    for (const each of [half, rest]) await world.decide(each, T0 + MINUTE);
    expect(await world.sendAll(T0 + MINUTE)).toEqual([]);
    await world.decide(resolved(rest), T0 + 31 * MINUTE);
    const first = await world.sendAll(T0 + 31 * MINUTE);
    expect(first.map((sms) => sms.to)).toEqual([numberOf(1)]);
    await world.decide(resolved(half), T0 + 40 * MINUTE);
    await world.wallTimePasses();
    const second = await world.sendAll(T0 + 40 * MINUTE);
    expect(second.map((sms) => sms.to)).toEqual([numberOf(2)]);
  });
});
