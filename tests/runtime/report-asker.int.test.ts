import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresUnreportedMessages } from '../../src/adapters/postgres/unreported-messages.js';
import type { FindResult } from '../../src/notify/ports.js';
import { wallClock } from '../../src/runtime/clock.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { ReportAsker } from '../../src/runtime/report-asker.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import { incident, insertNetwork, insertSubscribers } from '../services/customers.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

let database: TestDatabase;
let world: OutboxWorld;
let asked: string[];

beforeAll(async () => {
  database = await testDatabase();
  world = new OutboxWorld(database.pool);
  await insertNetwork(database.pool, 1);
});
afterAll(() => database.close());
beforeEach(async () => {
  asked = [];
  await world.reset();
  const usual = { 'S1-1': 1 };
  await insertSubscribers(
    database.pool,
    [1, 2, 3].map((id) => ({ id, usual })),
  );
  await world.decide(incident(['S1-1']));
  await world.sendAll();
});

function asker(answer: (gatewayId: string) => FindResult): ReportAsker {
  return new ReportAsker({
    messages: new PostgresUnreportedMessages(database.pool),
    gateway: {
      report: async (gatewayId) => {
        asked.push(gatewayId);
        return answer(gatewayId);
      },
    },
    inbox: world.inbox,
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new Registry(),
  });
}

const found =
  (state: 'accepted' | 'delivered' | 'failed') =>
  (gatewayId: string): FindResult => ({
    status: 'found',
    gatewayId,
    state,
    errorCode: state === 'failed' ? '30003' : null,
  });

/** As if the last news of every message were so old. */
async function age(interval: string): Promise<void> {
  await database.pool.query(
    `update outbox set updated_at = now() - $1::interval, asked_at = asked_at - $1::interval`,
    [interval],
  );
}

describe('messages whose reports were lost', () => {
  it('are asked for once they are without news for a while, and end as the gateway says', async () => {
    await asker(found('delivered')).turn();
    expect(asked).toEqual([]);
    await age('11 minutes');
    await asker(found('delivered')).turn();
    expect(asked).toHaveLength(3);
    expect(await world.states()).toEqual({ 'onset delivered': 3 });
    await age('11 minutes');
    await asker(found('failed')).turn();
    expect(asked).toHaveLength(3);
  });

  it('are asked for again later while they are on their way or not known, and not for ever', async () => {
    await age('11 minutes');
    const first = asker(found('accepted'));
    await first.turn();
    await first.turn();
    expect(asked).toHaveLength(3);
    await age('11 minutes');
    await asker(() => ({ status: 'absent', isProof: false })).turn();
    expect(asked).toHaveLength(6);
    await age('25 hours');
    await asker(found('failed')).turn();
    expect(asked).toHaveLength(6);
    expect(await world.states()).toEqual({ 'onset accepted': 3 });
  });

  it('keep the reason when they failed', async () => {
    await age('11 minutes');
    await asker(found('failed')).turn();
    expect(await world.states()).toEqual({ 'onset failed gateway.30003': 3 });
  });
});
