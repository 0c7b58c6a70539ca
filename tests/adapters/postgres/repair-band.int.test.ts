import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresSubscriberLookup } from '../../../src/adapters/postgres/subscriber-lookup.js';
import type { CrmFlag } from '../../../src/domain/customer.js';
import type { Incident } from '../../../src/domain/incident.js';
import {
  crmRules,
  impactRules,
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
  await insertNetwork(database.pool, 1);
});
afterAll(() => database.close());
beforeEach(async () => {
  await world.reset();
  await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
});

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

function foretold(bandMinutes: number): Incident {
  const repair = {
    source: 'model' as const,
    at: at(100),
    low: at(90),
    high: at(90 + bandMinutes),
    asOf: at(0),
    basedOn: 212,
  };
  return incident(['S1-1'], { estimatedRepairAt: repair.at, repair });
}

/** What text, flag and agent's answer say of when it is repaired. */
async function said(now: Incident) {
  await world.decide(now);
  const [sms] = await world.sendAll(T0);
  const { rows } = await database.pool.query<{ flag: CrmFlag }>('select flag from crm_desired');
  const lookup = postgresSubscriberLookup(database.pool, {
    phoneSecret: SECRET,
    crm: crmRules,
    impact: impactRules,
    policy,
    texts,
  });
  const outcome = await lookup.network(numberOf(1), { language: 'fr', nowMs: T0 });
  const answer = outcome.status === 'found' ? outcome.network : undefined;
  return {
    sms: /prévu vers/.test(sms?.text ?? ''),
    flag: rows[0]?.flag.estimatedRepairAt,
    flagSentence: /15h45/.test(rows[0]?.flag.sentence ?? ''),
    answer: answer?.estimatedRepairAt,
    sentence: /15h45/.test(answer?.sentence ?? ''),
  };
}

describe('a repair time from past incidents', () => {
  it('is told to customers and agents when its band is narrow', async () => {
    expect(await said(foretold(policy.estimate.maxBandMinutes))).toEqual({
      sms: true,
      flag: at(100),
      flagSentence: true,
      answer: at(100),
      sentence: true,
    });
  });

  it('is kept from all of them when it is wide', async () => {
    expect(await said(foretold(policy.estimate.maxBandMinutes + 1))).toEqual({
      sms: false,
      flag: null,
      flagSentence: false,
      answer: null,
      sentence: false,
    });
  });
});
