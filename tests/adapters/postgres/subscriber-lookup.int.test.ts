import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { phoneKey } from '../../../src/adapters/postgres/phone-key.js';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import type { SubscriberLookup } from '../../../src/api/ports.js';
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
let lookup: SubscriberLookup;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  lookup = postgresSubscriberLookup(database.pool, {
    phoneSecret: SECRET,
    crm: { ...crmRules, partnerBrands: ['Petit'] },
    impact: impactRules,
    policy,
    texts,
  });
  await insertNetwork(database.pool, 6);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [
    { id: 1, usual: { 'S1-1': 1 } },
    { id: 2, seen: { cell: 'S1-1', atMs: T0 - 15 * MINUTE } },
    { id: 3, homeSite: 'S1' },
    { id: 4 },
  ]);
});

const ask = async (id: number, nowMs = T0, language: 'fr' | 'en' = 'fr') => {
  const outcome = await lookup.network(numberOf(id), { language, nowMs });
  return outcome.status === 'found' ? outcome.network : undefined;
};

describe('subscriber look-up', () => {
  it('says who is affected, how sure that is, why, since when and what to say', async () => {
    await world.decide(incident(['S1-1', 'S1-2', 'S1-3']));
    const usual = await ask(1);
    expect(usual).toMatchObject({
      subscriberId: 1,
      affected: 'yes',
      service: 'none',
      since: new Date(T0 - 5 * MINUTE).toISOString(),
      incidentId: 'inc_1',
      cause: 'une panne de site',
      reason: "Se trouve d'habitude sur des cellules de l'incident.",
      told: [],
      validUntil: new Date(T0 + 5 * MINUTE).toISOString(),
    });
    expect(usual?.sentence).toContain('à Rennes depuis 13h55');
    expect((await ask(2, T0, 'en'))?.reason).toBe('Seen 15 minutes ago at a cell of the incident.');
    expect(usual).toMatchObject({ services: { sms: 'lost' }, reach: 'whenBack' });
    expect(await ask(3)).toMatchObject({ affected: 'probably' });
    expect(await ask(4)).toMatchObject({ affected: 'no', incidentId: null, service: null });
    expect((await ask(4))?.sentence).toContain('Nous ne voyons pas d');
  });

  it('says whether and when they were told, and keeps it for later', async () => {
    await world.decide(incident(['S1-1']));
    await world.sendAll();
    expect(await ask(1)).toMatchObject({ told: [{ kind: 'onset', state: 'accepted' }] });
    expect((await ask(1))?.sentence).toContain('Un SMS vous a été envoyé');
    await world.decide(resolved(incident(['S1-1'])), T0 + 31 * MINUTE);
    const later = await ask(1, T0 + 40 * MINUTE, 'en');
    expect(later).toMatchObject({
      affected: 'no',
      recent: [{ incidentId: 'inc_1', cause: 'a site failure' }],
    });
    expect((await ask(1, T0 + 100 * 1440 * MINUTE))?.recent).toEqual([]);
  });

  it('tells a number that nobody has from one whose owner was forgotten', async () => {
    const outcome = async (id: number) =>
      (await lookup.network(numberOf(id), { language: 'fr', nowMs: T0 })).status;
    expect(await outcome(77)).toBe('unknown');
    await database.pool.query('update subscribers set erased_at = now() where subscriber_id = 1');
    expect(await outcome(1)).toBe('erased');
    const key = phoneKey(SECRET, numberOf(77));
    await database.pool.query('insert into erasures (identifier_key) values ($1)', [key]);
    expect(await outcome(77)).toBe('erased');
  });

  it('is right while the list of affected people is still an estimate', async () => {
    const slow = new OutboxWorld(database.pool, undefined, undefined, {
      inlinePeople: 0,
      stepPeople: 1,
    });
    await slow.decide(incident(['S1-1', 'S1-2', 'S1-3']));
    const { rows } = await database.pool.query(
      'select count(*)::int as listed from incident_subscribers',
    );
    expect(rows[0].listed).toBe(0);
    expect(await ask(1)).toMatchObject({ affected: 'yes', incidentId: 'inc_1', service: 'none' });
    expect(await ask(3)).toMatchObject({ affected: 'probably' });
    expect(await ask(4)).toMatchObject({ affected: 'no' });
  });

  it('states the probability that the list has', async () => {
    await world.decide(incident(['S1-1', 'S1-2']));
    const { rows } = await database.pool.query(
      'select subscriber_id, probability from incident_subscribers order by 1',
    );
    expect(rows.length).toBe(3);
    for (const row of rows)
      expect((await ask(row.subscriber_id))?.probability).toBeCloseTo(row.probability, 5);
  });

  it('says that a ticket announced the repair', async () => {
    const at = new Date(T0 + 60 * MINUTE).toISOString();
    const asOf = new Date(T0).toISOString();
    const repair = { source: 'ticket', at, low: null, high: null, asOf, basedOn: 0 } as const;
    await world.decide(incident(['S1-1'], { estimatedRepairAt: at, repair }));
    expect(await ask(1)).toMatchObject({ estimatedRepairAt: at, repairSaidBy: 'ticket' });
  });
});

describe('what surrounds somebody', () => {
  const DAY = 1440 * MINUTE;
  const past = async (n: number, cells: string[], daysAgo: number): Promise<void> => {
    const startedAt = new Date(T0 - daysAgo * DAY).toISOString();
    const ids = { id: `old_${n}`, lineageId: `old_${n}`, startedAt, detectedAt: startedAt };
    const open = incident(cells, ids);
    await world.decide(open, T0 - daysAgo * DAY);
    await world.decide(
      { ...resolved(open), endedAt: new Date(T0 - daysAgo * DAY + 60 * MINUTE).toISOString() },
      T0 - daysAgo * DAY + 61 * MINUTE,
    );
  };

  it('counts incidents at their places, whoever was listed, and calls many recurring', async () => {
    for (const [n, daysAgo] of [3, 11, 29, 45, 95].entries()) await past(n, ['S1-1'], daysAgo);
    await past(9, ['S4-1'], 2);
    const answer = await ask(1, T0, 'en');
    expect(answer?.recent.map(({ incidentId }) => incidentId)).toEqual([
      'old_0',
      'old_1',
      'old_2',
      'old_3',
    ]);
    expect(answer?.recurring).toEqual({ incidents: 3, isRecurring: true });
    expect((await ask(4))?.recurring).toEqual({ incidents: 0, isRecurring: false });
    await database.pool.query('delete from incident_subscribers');
    expect((await ask(1))?.recent[0]).toMatchObject({ wasAffected: false });
  });

  it('leaves out what an operator found to be no incident', async () => {
    for (const [n, daysAgo] of [3, 11, 29].entries()) await past(n, ['S1-1'], daysAgo);
    await database.pool.query(
      `insert into audit_log (actor, action, target, why) values ('Ada', 'notAnIncident', 'old_1', 'a drill')`,
    );
    const answer = await ask(1);
    expect(answer?.recent.map(({ incidentId }) => incidentId)).toEqual(['old_0', 'old_2']);
    expect(answer?.recurring).toEqual({ incidents: 2, isRecurring: false });
  });

  it('says planned works on what serves their places, on now or soon', async () => {
    const at = (minutes: number): Date => new Date(T0 + minutes * MINUTE);
    await database.pool.query(
      `insert into links (link_id, parent_id, child_id, kind)
       values ('L1', 'AGG', 'S1', 'transport'), ('L2', 'CORE', 'AGG', 'transport')`,
    );
    await database.pool.query(
      `insert into works values ('W1', 'L2', $1, $2, 'new router'), ('W2', 'S1-1', $3, $4, null),
         ('W3', 'S4', $1, $2, null), ('W4', 'S1', $5, $6, null)`,
      [at(-30), at(60), at(600), at(660), at(-600), at(-500)],
    );
    const answer = await ask(1, T0, 'en');
    expect(answer?.works).toEqual([
      {
        workId: 'W1',
        startsAt: at(-30).toISOString(),
        endsAt: at(60).toISOString(),
        description: 'new router',
        isOn: true,
      },
      expect.objectContaining({ workId: 'W2', isOn: false }),
    ]);
    expect(answer?.sentence).toBe(
      'Planned work on the network at your place is under way and should end at 15:00: service may be interrupted meanwhile.',
    );
    expect(answer?.affected).toBe('no');
  });

  it('says honestly that it cannot see while measurements are missing', async () => {
    await database.pool.query(
      `insert into telemetry_gaps values ('g', 'pm', $1, null, 3, 'silent', '{S1-1,S9-1}')`,
      [new Date(T0 - 25 * MINUTE)],
    );
    const blind = await ask(3, T0, 'en');
    expect(blind).toMatchObject({ affected: 'no', sight: { state: 'partly' } });
    await database.pool.query(`update telemetry_gaps set cell_ids = '{S1-1,S1-2,S1-3}'`);
    expect((await ask(3, T0, 'en'))?.sight.state).toBe('none');
    expect((await ask(3, T0, 'en'))?.sentence).toBe(
      'We cannot see the state of the network at your place at the moment, since 13:35. We know of no incident there, but cannot rule one out.',
    );
    expect((await ask(3, T0, 'en'))?.reason).toContain('Measurements of their places are missing');
    await database.pool.query('update telemetry_gaps set to_at = now()');
    expect((await ask(3))?.sight).toEqual({ state: 'clear', since: null });
  });
});

describe('whose number it is', () => {
  it('says why somebody gets no text', async () => {
    await insertSubscribers(database.pool, [
      { id: 21, kind: 'machine', usual: { 'S1-1': 1 } },
      { id: 22, usual: { 'S1-1': 1 } },
      { id: 23, usual: { 'S1-1': 1 } },
    ]);
    await database.pool.query(`update subscribers set brand = 'Petit' where subscriber_id = 22`);
    await database.pool.query(`insert into opt_outs (phone_key, source) values ($1, 'sms')`, [
      phoneKey(SECRET, numberOf(23)),
    ]);
    await world.decide(incident(['S1-1', 'S1-2', 'S1-3']));
    expect(await ask(1)).toMatchObject({ noText: null, isPartner: false });
    expect(await ask(21)).toMatchObject({ affected: 'yes', kind: 'machine', noText: 'machine' });
    expect(await ask(22)).toMatchObject({ brand: 'Petit', isPartner: true, noText: 'partner' });
    expect(await ask(23)).toMatchObject({ affected: 'yes', noText: 'optedOut' });
  });

  it('tells a fleet manager which of their lines are affected', async () => {
    const contact = numberOf(90);
    await insertSubscribers(database.pool, [
      { id: 31, kind: 'fleet', number: contact, usual: { 'S1-1': 1 } },
      { id: 32, kind: 'fleet', number: contact, homeSite: 'S1' },
      { id: 33, kind: 'fleet', number: contact, usual: { 'S4-1': 1 } },
    ]);
    await world.decide(incident(['S1-1', 'S1-2', 'S1-3']));
    const answer = await ask(90);
    expect(answer).toMatchObject({ kind: 'fleet', affected: 'yes', noText: null });
    expect(answer?.lines).toMatchObject({ total: 3, lookedAt: 3, yes: 1, probably: 1 });
    expect(answer?.lines?.affected).toEqual([
      {
        subscriberId: 31,
        line: '2080•••••••••31',
        kind: 'fleet',
        affected: 'yes',
        service: 'none',
      },
      expect.objectContaining({ subscriberId: 32, affected: 'probably' }),
    ]);
    expect((await ask(1))?.lines).toBeNull();
  });
});
