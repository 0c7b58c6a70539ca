import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Incident } from '../../../src/domain/incident.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  numberOf,
  policy,
  T0,
} from '../../services/customers.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { accepted, OutboxWorld } from './outbox-world.js';

const CELLS = { 1: 'S1-1', 2: 'S2-1', 3: 'S3-1' } as const;
/** Nobody is kept back by a cap, so that only lineages can keep somebody from being told again. */
const generous = {
  ...policy,
  people: { ...policy.people, maxPerDay: 1000, maxPerWeek: 1000 },
  // an update is a new revision of its own and may come again
  kinds: { ...policy.kinds, update: { ...policy.kinds.update, enabled: false } },
};
/** Its number was given up: the gateway says so each time it is asked. */
const INVALID = 4;
let database: TestDatabase;
let world: OutboxWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool, generous);
  await insertNetwork(database.pool, 3);
});
afterAll(() => database.close());

type Act = 'send' | 'expand' | 'merge' | 'split' | 'resolve' | 'reopen' | 'grow';
const acts = fc.array(
  fc.record({
    act: fc.constantFrom<Act>('send', 'expand', 'merge', 'split', 'resolve', 'reopen', 'grow'),
    first: fc.nat(5),
    second: fc.nat(5),
  }),
  { minLength: 4, maxLength: 10 },
);

/** Incidents as correlate would have them after acts in any order, each stored as it is decided. */
class Lives {
  readonly #all: Incident[] = [];
  #nowMs = T0;
  #made = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  async open(cells: readonly string[], lineageId?: string): Promise<void> {
    const id = `inc_${++this.#made}`;
    const fresh = incident(cells, { id, lineageId: lineageId ?? `lin_${this.#made}` });
    this.#all.push(fresh);
    await this.#decide(fresh, {});
  }

  async do(act: Act, first: number, second: number): Promise<void> {
    this.#nowMs += MINUTE;
    const one = this.#all[first % this.#all.length];
    const other = this.#all[second % this.#all.length];
    if (!one || !other || one.mergedInto || other.mergedInto) return;
    const isOpen = one.state === 'open';
    if (act === 'merge' && one !== other && isOpen && other.state === 'open') {
      const cells = [...one.cells, ...other.cells];
      const absorbedLineages = [
        ...(one.absorbedLineages ?? []),
        ...(other.absorbedLineages ?? []),
        other.lineageId,
      ].filter((each) => each !== one.lineageId);
      await this.#decide(one, { cells, absorbedLineages });
      await this.#decide(other, { ...this.#over(), state: 'closed', mergedInto: one.id });
    } else if (act === 'split' && isOpen && one.cells.length > 1) {
      const [gone, ...kept] = one.cells;
      await this.#decide(one, { cells: kept });
      await this.open([gone?.cellId ?? ''], one.lineageId);
    } else if (act === 'resolve' && isOpen) await this.#decide(one, this.#over());
    else if (act === 'reopen' && one.state === 'resolved') {
      await this.#decide(one, { ...incident(['S1-1', 'S2-1']), ...idsOf(one) });
    } else if (act === 'grow' && isOpen) {
      const more = incident([CELLS[((second % 3) + 1) as 1 | 2 | 3]]).cells;
      const has = (id: string): boolean => one.cells.some(({ cellId }) => cellId === id);
      await this.#decide(one, {
        cells: [...one.cells, ...more.filter(({ cellId }) => !has(cellId))],
      });
    }
  }

  #over(): Partial<Incident> {
    return { state: 'resolved', endedAt: new Date(this.#nowMs).toISOString(), cells: [] };
  }

  async #decide(before: Incident, change: Partial<Incident>): Promise<void> {
    const after = { ...before, ...change, revision: before.revision + 1 };
    this.#all[this.#all.findIndex(({ id }) => id === before.id)] = after;
    await world.decide(after, this.#nowMs);
  }
}

function idsOf({ id, lineageId, absorbedLineages }: Incident): Partial<Incident> {
  return { id, lineageId, ...(absorbedLineages ? { absorbedLineages } : {}) };
}

/** What was handed over: to whom, and under which lineage, kind and revision. */
interface Told {
  readonly messageId: string;
  readonly to: string;
  readonly lineage: string;
  readonly kind: string;
  readonly revision: number;
}

/** Of messages, what each counts as once all merges so far are minded. */
async function countsAs(told: readonly Told[]): Promise<string[]> {
  const { rows } = await database.pool.query<{ lineage: string; root: string }>(
    'select lineage_id as lineage, into_lineage_id as root from lineage_merges',
  );
  const roots = new Map(rows.map(({ lineage, root }) => [lineage, root]));
  return told.map(({ to, lineage, kind, revision }) =>
    [to, roots.get(lineage) ?? lineage, kind, revision].join(' '),
  );
}

/** Sends all that is due. @returns what was handed over, dead numbers included */
async function send(nowMs: number): Promise<Told[]> {
  const handed: { messageId: string; to: string }[] = [];
  await world.wallTimePasses();
  await world.sendAll(nowMs, (sms) => {
    handed.push({ messageId: sms.messageId, to: sms.to });
    return sms.to === numberOf(INVALID)
      ? { status: 'refused', reason: 'gateway.21211', isOptOut: false }
      : accepted(sms);
  });
  const { rows } = await database.pool.query<Omit<Told, 'to'>>(
    `select message_id as "messageId", lineage_id as lineage, kind, revision from outbox
     where message_id = any($1::text[])`,
    [handed.map(({ messageId }) => messageId)],
  );
  return handed.map(({ messageId, to }) => {
    const row = rows.find((each) => each.messageId === messageId);
    if (!row) throw new Error(`${messageId} left and is not written down`);
    return { ...row, to };
  });
}

it('tells nobody again whatever is merged, split and reopened, and asks no dead number twice', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (sequence) => {
      await world.reset();
      await insertSubscribers(database.pool, [
        { id: 1, usual: { 'S1-1': 1 } },
        { id: 2, usual: { 'S2-1': 1 } },
        { id: 3, usual: { 'S3-1': 1 } },
        { id: INVALID, usual: { 'S1-1': 1 } },
      ]);
      const lives = new Lives();
      for (const cell of [CELLS[1], CELLS[2]]) await lives.open([cell]);
      const told: Told[] = [];
      const sendNow = async (): Promise<void> => {
        const fresh = await send(lives.nowMs);
        const isDead = ({ to }: Told): boolean => to === numberOf(INVALID);
        const before = await countsAs(told.filter((each) => !isDead(each)));
        const now = await countsAs(fresh.filter((each) => !isDead(each)));
        expect(now.filter((each) => before.includes(each))).toEqual([]);
        expect(new Set(now).size).toBe(now.length);
        told.push(...fresh);
      };
      for (const { act, first, second } of sequence) {
        if (act === 'send') await sendNow();
        else if (act === 'expand') await world.expandAll();
        else await lives.do(act, first, second);
      }
      await sendNow();
      const ids = told.map(({ messageId }) => messageId);
      expect(new Set(ids).size).toBe(ids.length);
      const { rows } = await database.pool.query(
        `select distinct state, reason from outbox
         where subscriber_id = ${INVALID} and handed_over_at is not null`,
      );
      const isAsked = told.some(({ to }) => to === numberOf(INVALID));
      expect(rows).toEqual(isAsked ? [{ state: 'failed', reason: 'gateway.21211' }] : []);
    }),
    { numRuns: 12 },
  );
});
