import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DryRunOptions } from '../../../src/adapters/postgres/dry-run.js';
import { DryRunDesk } from '../../../src/adapters/postgres/dry-run-desk.js';
import type { DryRun } from '../../../src/domain/dry-run.js';
import {
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy as openPolicy,
  SECRET,
  T0,
  type TestSubscriber,
  texts,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from './outbox-world.js';

const NIGHT = Date.UTC(2026, 0, 14, 22, 0);
const policy = { ...openPolicy, incidents: { ...openPolicy.incidents, minPeople: 0 } };
const cells = ['S1-1', 'S1-2'];
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, policy);
  await insertNetwork(database.pool, 2);
});
afterAll(() => database.close());
beforeEach(() => world.reset());

function desk(change: Partial<DryRunOptions> = {}): DryRunDesk {
  return new DryRunDesk(database.pool, {
    policy,
    texts,
    phoneSecret: SECRET,
    impact: impactRules,
    segmentsPerSecond: null,
    speed: 1,
    ...change,
  });
}

const sum = (counts: readonly { people: number }[]): number =>
  counts.reduce((total, { people }) => total + people, 0);

/** How often each text would be sent. */
function textsOf({ messages }: DryRun): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { text, people } of messages) counts[text] = (counts[text] ?? 0) + people;
  return counts;
}

async function textsSent(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ body: string; count: number }>(
    `select body, count(*)::int as count from outbox
     where state in ('accepted', 'delivered') group by 1`,
  );
  return Object.fromEntries(rows.map(({ body, count }) => [body, count]));
}

/** Reasons of those who got a row and no text. */
async function suppressed(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ reason: string; count: number }>(
    `select reason, count(*)::int as count from outbox where state = 'suppressed' group by 1`,
  );
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}

const byReason = (counts: DryRun['suppressed']): Record<string, number> =>
  Object.fromEntries(counts.map(({ reason, people }) => [reason, people]));

const someone = fc.record({
  kind: fc.constantFrom('person', 'person', 'person', 'fleet', 'machine', 'dataOnly'),
  segment: fc.constantFrom('consumer', 'business'),
  language: fc.constantFrom('fr', 'en', 'de'),
  zone: fc.constantFrom(null, 'Europe/Paris', 'America/New_York', 'Mars/Olympus'),
  vulnerable: fc.boolean(),
  usual: fc.constantFrom({ 'S1-1': 1 }, { 'S1-1': 0.6 }, { 'S1-1': 0.3 }, { 'S2-1': 1 }),
  sharesNumber: fc.boolean(),
  fate: fc.constantFrom('none', 'none', 'none', 'optedOut', 'erased', 'numberless', 'told'),
});
type Someone = typeof someone extends fc.Arbitrary<infer T> ? T : never;

const plain: Someone = {
  kind: 'person',
  segment: 'consumer',
  language: 'fr',
  zone: null,
  vulnerable: false,
  usual: { 'S1-1': 1 },
  sharesNumber: false,
  fate: 'none',
};

async function insertPeople(people: readonly Someone[]): Promise<void> {
  await insertSubscribers(
    database.pool,
    people.map(
      ({ sharesNumber, fate: _fate, ...rest }, n): TestSubscriber => ({
        ...rest,
        id: n + 1,
        ...(sharesNumber ? { number: numberOf(900 + (n % 2)) } : {}),
      }),
    ),
  );
  for (const [n, { fate }] of people.entries()) {
    const id = n + 1;
    if (fate === 'optedOut') {
      await database.pool.query(
        `insert into opt_outs (phone_key, source) select phone_key, 'operator'
         from subscriber_identifiers where subscriber_id = $1 and phone_key is not null
         on conflict do nothing`,
        [id],
      );
    }
    if (fate === 'erased') {
      await database.pool.query(
        'update subscribers set erased_at = now() where subscriber_id = $1',
        [id],
      );
    }
    if (fate === 'numberless') {
      await database.pool.query(
        'update subscriber_identifiers set valid_to = now() where subscriber_id = $1',
        [id],
      );
    }
  }
}

describe('a dry run', () => {
  it('says before just what is then sent, to whom not, and why', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someone, { minLength: 1, maxLength: 16 }),
        fc.constantFrom(T0, NIGHT),
        fc.constantFrom(null, 120),
        async (people, nowMs, repairInMinutes) => {
          await world.reset();
          await insertPeople(people);
          const estimatedRepairAt =
            repairInMinutes === null
              ? null
              : new Date(nowMs + repairInMinutes * MINUTE).toISOString();
          const since = new Date(nowMs - 5 * MINUTE).toISOString();
          const open = incident(cells, { estimatedRepairAt, startedAt: since });
          // the leader has written it down, and decides about messages in the same breath
          await world.decide(open, nowMs);
          const said = await desk().ofIncident(open.id, nowMs);
          expect(said).toBeDefined();
          if (!said) return;
          await world.sendAll(nowMs);
          const atOnce = {
            ...said,
            messages: said.messages.filter(({ firstAt }) => Date.parse(firstAt) === nowMs),
          };
          expect(textsOf(atOnce)).toEqual(await textsSent());
          const { rows } = await database.pool.query<{ counts: Record<string, number> }>(
            'select counts from waves',
          );
          const { people: _people, messages: _messages, ...leftOut } = rows[0]?.counts ?? {};
          expect(byReason(said.leftOut)).toEqual(leftOut);
          const waiting = byReason(said.waiting);
          const states = await world.states();
          expect(waiting.unknownZone ?? 0).toBe(states['onset pending unknownZone'] ?? 0);
          expect(sum(said.postponed)).toBe(states['onset pending quietHours'] ?? 0);
          if (said.postponed.length > 0) {
            for (const at of new Set(said.postponed.map(({ until }) => Date.parse(until)))) {
              await world.wallTimePasses();
              await world.decide({ ...open, revision: 2 }, at);
              await world.sendAll(at);
            }
          }
          expect(textsOf(said)).toEqual(await textsSent());
          // who waits for a zone to be known may by morning be too late
          const { expired = 0, ...others } = byReason(said.suppressed);
          const { expired: late = 0, ...real } = await suppressed();
          expect(others).toEqual(real);
          const stillWaiting = (await world.states())['onset pending unknownZone'] ?? 0;
          expect(expired + sum(said.waiting)).toBe(late + stillWaiting);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('of a wave that waits says what approval lets go, and of shadow mode what it keeps back', async () => {
    await insertPeople([plain, plain]);
    const asking = { ...policy, approval: { ...policy.approval, abovePeople: 0 } };
    await new OutboxWorld(database.pool, asking).decide(incident(cells));
    const waits = await desk({ policy: asking }).ofIncident('inc_1', T0);
    expect(waits?.wave).toMatchObject({ state: 'awaitingApproval', isDecided: true });
    expect(waits?.totals).toMatchObject({ messages: 2, segments: 2, price: 0.1 });
    expect(waits?.messages[0]).toMatchObject({ segment: 'consumer', people: 2, price: 0.05 });
    expect(waits?.messages[0]?.sample).toMatch(/^\+336•+0[12]$/);
    await world.reset();
    await insertPeople([plain, plain]);
    await database.pool.query(`insert into settings values ('shadow', 'true')`);
    await world.decide(incident(cells));
    await world.expandAll();
    const kept = await desk().ofIncident('inc_1', T0);
    expect(kept?.wave.state).toBe('shadow');
    expect(kept?.totals.messages).toBe(2);
    expect(kept?.assumes).toContain('shadow mode is switched off');
  });

  it('says nothing of what is told already, and why the policy would tell nobody', async () => {
    await insertPeople([plain, plain]);
    await world.decide(incident(cells));
    await world.sendAll();
    const told = await desk().ofIncident('inc_1', T0 + MINUTE);
    expect(told?.totals.messages).toBe(0);
    expect(told?.already).toEqual([{ state: 'accepted', reason: null, people: 2 }]);
    await world.decide(incident(cells, { id: 'inc_2', lineageId: 'lin_2', severity: 'minor' }));
    const minor = await desk().ofIncident('inc_2', T0);
    expect(minor?.wave).toMatchObject({ state: 'notDue', reason: 'severity is minor' });
    expect(await desk().ofIncident('inc_9', T0)).toBeUndefined();
    const update = await desk().ofIncident('inc_1', T0 + MINUTE, 'update');
    expect(update?.suppressed).toEqual([{ reason: 'nothingNew', people: 2 }]);
  });

  it('keeps to the budget that is left', async () => {
    await insertPeople([plain, plain, plain, plain]);
    const poor = { ...policy, budget: { ...policy.budget, perIncident: 0.1 } };
    const own = new OutboxWorld(database.pool, poor);
    await own.decide(incident(cells));
    const said = await desk({ policy: poor }).ofIncident('inc_1', T0);
    expect(said?.budget.perIncident).toEqual({ limit: 0.1, spent: 0, left: 0 });
    expect(await own.sendAll()).toHaveLength(said?.totals.messages ?? 0);
    expect(byReason(said?.suppressed ?? [])).toEqual(await suppressed());
    expect(said?.suppressed).toEqual([{ reason: 'incidentBudget', people: 2 }]);
  });

  it('of an incident that is not is what would be told of it, and leaves nothing behind', async () => {
    await insertPeople([plain, { ...plain, language: 'en' }, { ...plain, kind: 'machine' }]);
    const repairAt = new Date(T0 + 120 * MINUTE).toISOString();
    const supposed = await desk().ofSupposed({ cells, repairAt, causeKind: 'site' }, T0);
    for (const table of ['incidents', 'waves', 'outbox', 'incident_subscribers', 'impact_state']) {
      const { rows } = await database.pool.query(`select count(*)::int as count from ${table}`);
      expect(rows).toEqual([{ count: 0 }]);
    }
    const startedAt = new Date(T0).toISOString();
    await world.decide(incident(cells, { estimatedRepairAt: repairAt, startedAt, certainty: 1 }));
    const real = await desk().ofIncident('inc_1', T0);
    expect(supposed).toEqual({
      ...real,
      incidentId: null,
      wave: { ...real?.wave, isDecided: false },
    });
    await world.sendAll();
    expect(textsOf(supposed)).toEqual(await textsSent());
    await expect(desk().ofSupposed({ cells: ['S1-1', 'S9-9'] }, T0)).rejects.toThrow(
      'cells: S9-9 not in the inventory',
    );
  });
});
