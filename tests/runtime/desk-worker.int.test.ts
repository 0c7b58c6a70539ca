import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresDeliveryQueue } from '../../src/adapters/postgres/delivery-queue.js';
import { withTransaction } from '../../src/adapters/postgres/pool.js';
import { readSurgeAlerts } from '../../src/adapters/postgres/read-surge-alerts.js';
import { PostgresSurgeDesk } from '../../src/adapters/postgres/surge-desk.js';
import { MailChannel } from '../../src/adapters/smtp/mail-channel.js';
import { WebhookChannel, webhookSignature } from '../../src/adapters/webhook/webhook-channel.js';
import type { DeliveryQueue, DeskChannel } from '../../src/forecast/desk/ports.js';
import { wallClock } from '../../src/runtime/clock.js';
import { DeskWorker } from '../../src/runtime/desk-worker.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { ahead, deskRules, MINUTE, T0 } from '../forecast/desk/surge-world.js';
import { Hook } from '../services/desk/hook.js';
import { Mailbox } from '../services/desk/mailbox.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const SECRET = 'sixteen characters at least';
const RECIPIENTS = [
  { name: 'intraday', email: ['desk@example.org'] },
  { name: 'outsourcer', webhook: 'set below', queues: ['care'] },
];
const WALL_MS = Date.parse('2026-03-10T14:05:00Z');

let database: TestDatabase;
let mailbox: Mailbox;
let hook: Hook;
let smtpPort: number;
let hookUrl: string;
let nowMs: number;
const workers: DeskWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('truncate surge_alerts cascade');
  mailbox = new Mailbox();
  hook = new Hook();
  smtpPort = await mailbox.start();
  hookUrl = await hook.start();
  nowMs = wallClock.now();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  await Promise.all([mailbox.stop().catch(() => undefined), hook.stop()]);
});

/** The leader decides on a forecast with so many incident calls an interval, minutes after T0. */
async function decide(minute: number, surge: readonly number[], queue = 'care'): Promise<void> {
  const at = T0 + minute * MINUTE;
  const desk = new PostgresSurgeDesk(deskRules, RECIPIENTS);
  await withTransaction(database.pool, (client) => desk.watch(client, ahead(queue, at, surge), at));
}

function worker(queue: DeliveryQueue = new PostgresDeliveryQueue(database.pool)): DeskWorker {
  const smtp = { host: '127.0.0.1', port: smtpPort, security: 'none', from: 'tocsin@example.org' };
  const made = new DeskWorker({
    queue,
    channels: new Map<string, DeskChannel>([
      [
        'intraday',
        new MailChannel(smtp as never, {
          to: ['desk@example.org'],
          language: 'fr',
          zone: 'Europe/Paris',
        }),
      ],
      ['outsourcer', new WebhookChannel({ url: hookUrl, secret: SECRET, now: () => WALL_MS })],
    ]),
    acknowledgeUrl: (alertId, recipient) => `https://tocsin.example/${alertId}/${recipient}`,
    giveUpMs: 6 * 3_600_000,
    now: () => nowMs,
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new Registry(),
  });
  workers.push(made);
  return made;
}

const deliveries = async (): Promise<[string, string, string][]> => {
  const [alert] = await readSurgeAlerts(database.pool, 1);
  return (alert?.deliveries ?? []).map(({ recipient, kind, state }) => [recipient, kind, state]);
};
/** What waits is due again; a claim's lease is over. */
const later = () =>
  database.pool.query(
    `update desk_deliveries set not_before = '-infinity', lease_until = '-infinity'`,
  );

describe('news of a surge', () => {
  it('reaches e-mail and webhook once, signed, and so does the all-clear', async () => {
    await decide(0, [0, 60]);
    await worker().turn();
    await worker().turn();
    await decide(5, [60]);
    for (const minute of [40, 75]) await decide(minute, [0]);
    await worker().turn();
    expect(
      mailbox.mails.map((mail) => [mail.to, mail.header('X-Tocsin-Delivery')?.slice(0, 5)]),
    ).toEqual([
      [['desk@example.org'], 'news_'],
      [['desk@example.org'], 'news_'],
    ]);
    expect(hook.posts.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        kind: 'surge',
        recipient: 'outsourcer',
        leadSeconds: 900,
        queues: [{ queue: 'care', extraCalls: 60, gapAgents: null }],
        incidents: ['inc-1'],
      },
      { kind: 'allClear', leadSeconds: null },
    ]);
    for (const { headers, body } of hook.posts) {
      const expected = webhookSignature(SECRET, Math.floor(WALL_MS / 1000), body);
      expect(headers['tocsin-signature']).toBe(expected);
      expect(headers['idempotency-key']).toBe(JSON.parse(body).deliveryId);
    }
  });

  it('is decided once, however often the tick is decided again', async () => {
    await decide(0, [60]);
    await decide(0, [60]);
    const failing = withTransaction(database.pool, async (client) => {
      const desk = new PostgresSurgeDesk(deskRules, RECIPIENTS);
      await desk.watch(client, ahead('sales', T0 + MINUTE, [60]), T0 + MINUTE);
      throw new Error('the process dies before the commit');
    });
    await expect(failing).rejects.toThrow('dies');
    expect(await deliveries()).toEqual([
      ['intraday', 'surge', 'pending'],
      ['outsourcer', 'surge', 'pending'],
    ]);
  });

  it('goes on to others while the mail server is away, and reaches it under the same id', async () => {
    await mailbox.stop();
    await decide(0, [60]);
    await worker().turn();
    expect(await deliveries()).toEqual([
      ['intraday', 'surge', 'pending'],
      ['outsourcer', 'surge', 'sent'],
    ]);
    mailbox = new Mailbox();
    await mailbox.start(smtpPort);
    await worker().turn();
    expect(mailbox.mails).toHaveLength(0);
    await later();
    await worker().turn();
    expect(mailbox.mails).toHaveLength(1);
    expect(hook.posts).toHaveLength(1);
  });

  it('is sent again with the same Message-ID when a worker died before it could write so', async () => {
    await decide(0, [60]);
    const dying = new PostgresDeliveryQueue(database.pool);
    dying.settle = async () => {
      throw new Error('killed');
    };
    await expect(worker(dying).turn()).rejects.toThrow('killed');
    expect(await deliveries()).toContainEqual(['intraday', 'surge', 'claimed']);
    await worker().turn();
    expect(mailbox.mails).toHaveLength(1);
    await later();
    await worker().turn();
    expect(await deliveries()).toContainEqual(['intraday', 'surge', 'sent']);
    expect(new Set(mailbox.mails.map((mail) => mail.header('Message-ID'))).size).toBe(1);
  });

  it('comes to each recipient in order', async () => {
    mailbox.answer = { code: 450, text: 'mailbox busy' };
    await decide(0, [60]);
    await worker().turn();
    const at = T0 + 5 * MINUTE;
    const both = [...ahead('care', at, [60]), ...ahead('sales', at, [60])];
    await withTransaction(database.pool, (client) =>
      new PostgresSurgeDesk(deskRules, RECIPIENTS).watch(client, both, at),
    );
    mailbox.answer = undefined;
    await worker().turn();
    expect(mailbox.mails).toHaveLength(0);
    await later();
    for (let turn = 0; turn < 2; turn++) await worker().turn();
    expect(mailbox.mails.map((mail) => /Le pic/.test(mail.header('Subject') ?? ''))).toEqual([
      false,
      expect.any(Boolean),
    ]);
    expect(await deliveries()).toEqual([
      ['intraday', 'surge', 'sent'],
      ['outsourcer', 'surge', 'sent'],
      ['intraday', 'wider', 'sent'],
    ]);
  });

  it('tries again what may pass, and never what was refused for good', async () => {
    mailbox.answer = { code: 450, text: 'mailbox busy' };
    hook.answers = [503, 0, 429, 204];
    await decide(0, [60]);
    for (let attempt = 0; attempt < 4; attempt++) {
      await worker().turn();
      await later();
    }
    expect(hook.posts.map(({ headers }) => headers['idempotency-key'])).toHaveLength(4);
    expect(new Set(hook.posts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    mailbox.answer = { code: 550, text: 'no such mailbox' };
    await worker().turn();
    expect(await deliveries()).toEqual([
      ['intraday', 'surge', 'failed'],
      ['outsourcer', 'surge', 'sent'],
    ]);
    expect(await new PostgresDeliveryQueue(database.pool).trouble()).toEqual([
      { recipient: 'intraday', reason: expect.stringContaining('550 no such mailbox') },
    ]);
  });

  it.each([400, 302])('is not posted again after the answer %i', async (status) => {
    hook.answers = [status];
    await decide(0, [60]);
    await worker().turn();
    await later();
    await worker().turn();
    expect(hook.posts).toHaveLength(1);
    expect(await deliveries()).toContainEqual(['outsourcer', 'surge', 'failed']);
  });

  it('waits for an answer no longer than its time', async () => {
    hook.answers = [-1];
    await decide(0, [60]);
    const claimed = await new PostgresDeliveryQueue(database.pool).claim(10, 60_000);
    const channel = new WebhookChannel({
      url: hookUrl,
      secret: SECRET,
      now: () => 0,
      timeoutMs: 1,
    });
    expect(claimed).toHaveLength(2);
    for (const { news } of claimed) {
      const alert = { ...news, acknowledgeUrl: 'https://tocsin.example/' };
      await expect(channel.deliver(alert)).rejects.toMatchObject({ code: 'unavailable.desk' });
    }
  });

  it('is given up after the time that the rules allow, with the last reason', async () => {
    hook.answers = [500];
    await decide(0, [60]);
    await worker().turn();
    await later();
    nowMs += 7 * 3_600_000;
    await worker().turn();
    const [alert] = await readSurgeAlerts(database.pool, 1);
    expect(alert?.deliveries).toContainEqual(
      expect.objectContaining({
        recipient: 'outsourcer',
        state: 'failed',
        reason: 'given up after 360 min: webhook: answered 500',
      }),
    );
  });

  it('of a surge that was over before it could be told is told to nobody, nor is its end', async () => {
    hook.answers = [500];
    await decide(0, [60]);
    await worker().turn();
    for (const minute of [40, 75]) await decide(minute, [0]);
    hook.answers = [204];
    await later();
    await worker().turn();
    await worker().turn();
    expect(hook.posts).toHaveLength(1);
    expect(await deliveries()).toEqual([
      ['intraday', 'surge', 'sent'],
      ['outsourcer', 'surge', 'superseded'],
      ['intraday', 'allClear', 'sent'],
      ['outsourcer', 'allClear', 'superseded'],
    ]);
  });

  it('concerns only the queues that a recipient has', async () => {
    await decide(0, [60], 'sales');
    expect(await deliveries()).toEqual([['intraday', 'surge', 'pending']]);
  });
});
