import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import {
  type JournalAct,
  postgresOperators,
} from '../../../src/adapters/postgres/operator-store.js';
import type { OperatorAct } from '../../../src/domain/facts.js';
import { CONTROL_STREAM } from '../../../src/runtime/ports.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const act: OperatorAct = {
  actId: 'act_1',
  at: '2026-03-10T14:00:00.000Z',
  actor: 'ada',
  why: 'a test',
  action: 'hold',
  incidentId: 'inc_1',
};
const record = { actor: 'ada', action: 'hold', target: 'inc_1', why: 'a test', detail: {} };

async function stand(): Promise<unknown> {
  const count = async (sql: string) => (await database.pool.query(sql)).rows[0]?.n as number;
  return {
    audited: await count('select count(*)::int as n from audit_log'),
    switches: await count('select count(*)::int as n from settings'),
    journalled: await new PostgresJournal(database.pool).read(CONTROL_STREAM, -1, 10),
  };
}

describe('postgresOperators', () => {
  const journal = (): JournalAct => (client, each) =>
    new PostgresJournal(database.pool).appendWithin(client, CONTROL_STREAM, [
      { kind: 'acts', items: [each] },
    ]);

  it('leaves nothing of an act that cannot be audited, nor of one that cannot be journalled', async () => {
    const operators = postgresOperators(database.pool, journal());
    const unsaid = { ...record, why: null as unknown as string };
    await expect(operators.act(act, unsaid)).rejects.toThrow('why');
    await expect(operators.setKillSwitch(true, act, unsaid)).rejects.toThrow('why');
    const broken = postgresOperators(database.pool, () => Promise.reject(new Error('full')));
    await expect(broken.act(act, record)).rejects.toThrow('full');
    await expect(broken.setKillSwitch(true, act, record)).rejects.toThrow('full');
    expect(await stand()).toEqual({ audited: 0, switches: 0, journalled: [] });
  });

  it('journals, audits and sets the switch together', async () => {
    const operators = postgresOperators(database.pool, journal());
    await operators.setKillSwitch(true, act, record);
    const fact = { kind: 'acts', items: [act] };
    expect(await stand()).toEqual({
      audited: 1,
      switches: 1,
      journalled: [{ offset: 0, fact }],
    });
  });
});
