import { afterAll, beforeAll, expect, it } from 'vitest';
import { onCallContacts } from '../../../src/adapters/on-call/on-call-contacts.js';
import { ApprovalQueue } from '../../../src/adapters/postgres/approval-queue.js';
import { ApprovalDesk } from '../../../src/runtime/approval-desk.js';
import { wallClock } from '../../../src/runtime/clock.js';
import { Health } from '../../../src/runtime/health.js';
import { createLog } from '../../../src/runtime/log.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  policy,
  T0,
} from '../../services/customers.js';
import { Mailbox } from '../../services/desk/mailbox.js';
import { type TestDatabase, testDatabase } from '../../services/postgres.js';
import { OutboxWorld } from '../postgres/outbox-world.js';

const asking = {
  ...policy,
  approval: { ...policy.approval, abovePeople: 0, otherwise: 'sendShort' as const },
};
const mailbox = new Mailbox();
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 1);
});
afterAll(async () => {
  await mailbox.stop();
  await database.close();
});

it('is asked for by mail one after the other; the default then applies, and all of it is audited', async () => {
  const port = await mailbox.start();
  const world = new OutboxWorld(database.pool, asking);
  await insertSubscribers(database.pool, [{ id: 1, usual: { 'S1-1': 1 } }]);
  await world.decide(incident(['S1-1']));
  const contacts = onCallContacts({
    contacts: [
      { name: 'night shift', email: ['night@example.org'] },
      { name: 'head of NOC', email: ['head@example.org'] },
    ],
    smtp: { host: '127.0.0.1', port, security: 'none', from: 'tocsin@example.org' },
    now: () => T0,
  });
  const names = contacts.map(({ name }) => name);
  const desk = new ApprovalDesk({
    ...{ approvals: new ApprovalQueue(database.pool, asking, names), contacts },
    ...{ publicUrl: 'https://tocsin.example', now: () => T0, moved: () => undefined },
    ...{ health: new Health(wallClock, wallClock), log: createLog('silent') },
  });
  const turn = async (): Promise<void> => {
    await desk.turn();
    await database.pool.query(
      `update waves set ask_after = '-infinity' where ask_after is not null`,
    );
  };
  await turn();
  expect(mailbox.mails.map(({ to }) => to)).toEqual([['night@example.org']]);
  expect(mailbox.mails[0]?.raw).toContain('https://tocsin.example/incidents/inc_1');
  mailbox.answer = { code: 550, text: 'no such mailbox' };
  await turn();
  mailbox.answer = undefined;
  await turn();
  const { rows } = await database.pool.query<{ action: string; contact: string | null }>(
    `select action, detail->>'contact' as contact from audit_log where actor = 'policy' order by id`,
  );
  expect(rows).toEqual([
    { action: 'wave.asked', contact: 'night shift' },
    { action: 'wave.asked', contact: 'head of NOC' },
    { action: 'wave.askFailed', contact: 'head of NOC' },
    { action: 'wave.sendShort', contact: null },
  ]);
  expect((await world.sendAll()).map(({ text }) => text)).toEqual([
    expect.stringContaining('un incident touche le réseau mobile à Rennes'),
  ]);
});
