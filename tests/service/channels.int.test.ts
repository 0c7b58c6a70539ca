import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PostgresGatewayInbox } from '../../src/adapters/postgres/gateway-inbox.js';
import { PostgresOutboxQueue } from '../../src/adapters/postgres/outbox-queue.js';
import { PostgresWaveStore } from '../../src/adapters/postgres/wave-store.js';
import type { Config } from '../../src/config.js';
import { wallClock } from '../../src/runtime/clock.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { OutboxWorker } from '../../src/runtime/outbox-worker.js';
import { createWays } from '../../src/service/gateways.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import {
  incident,
  insertNetwork,
  insertSubscribers,
  numberOf,
  policy,
  SECRET,
  T0,
  texts,
} from '../services/customers.js';
import { type HttpSmsPeer, startHttpSmsPeer } from '../services/http-sms-peer.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const KEY = 'a key';
const TOKEN = 'a token of the app';
let database: TestDatabase;
let sms: HttpSmsPeer;
let push: HttpSmsPeer;
beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 1);
  [sms, push] = await Promise.all([startHttpSmsPeer(KEY), startHttpSmsPeer(KEY)]);
});
afterAll(async () => {
  await Promise.all([sms.stop(), push.stop(), database.close()]);
});

function configOf(): Pick<Config, 'gateway' | 'channels'> {
  const headers = { 'X-Api-Key': KEY };
  return {
    gateway: {
      kind: 'http',
      from: '38000',
      segmentsPerSecond: 100,
      send: {
        url: `${sms.url}/messages`,
        headers,
        json: { to: '{to}', text: '{text}', reference: '{messageId}' },
        id: 'messages.0.id',
      },
    },
    channels: {
      push: {
        messagesPerSecond: 100,
        send: {
          url: `${push.url}/messages`,
          headers,
          json: { account: '{account}', title: '{title}', body: '{text}', notify: '{callbackUrl}' },
          id: 'messages.0.id',
        },
        status: { delivered: ['SHOWN'], failed: ['GONE'] },
        callback: { id: 'id', status: 'state' },
        token: TOKEN,
      },
    },
  };
}

it('a configured channel carries its people’s messages beside SMS, and reports to its own address', async () => {
  const world = new OutboxWorld(database.pool);
  const usual = { 'S1-1': 1 };
  await insertSubscribers(database.pool, [
    { id: 1, usual },
    { id: 2, usual },
  ]);
  await database.pool.query(`update subscribers set channels = 'push|sms' where subscriber_id = 2`);
  const ways = createWays(configOf(), 'https://tocsin.example/');
  if (ways === undefined) throw new Error('no gateway');
  const waves = new PostgresWaveStore({ policy, channels: ['sms', 'push'] });
  const worker = new OutboxWorker({
    queue: new PostgresOutboxQueue(database.pool, waves, policy),
    gateway: ways.port,
    sender: { name: 'gateway', segmentsPerSecond: ways.segmentsPerSecond },
    others: ways.others,
    policy,
    texts,
    network: { now: () => T0 },
    speed: 1,
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new Registry(),
    publish: () => undefined,
    idleMs: 5,
  });
  await world.decide(incident(['S1-1']));
  // their data works, so a notification arrives
  await database.pool.query('update incident_subscribers set lost = 31');
  worker.start();
  await vi.waitFor(async () => expect(await world.states()).toEqual({ 'onset accepted': 2 }), {
    timeout: 90_000,
    interval: 25,
  });
  await worker.stop();
  expect(sms.taken.map(({ to }) => to)).toEqual([numberOf(1)]);
  expect(push.taken.map(({ body }) => body)).toEqual([
    {
      account: 'A2',
      title: 'Incident réseau à Rennes',
      body: expect.stringMatching(/^Réseau mobile interrompu depuis/),
      notify: `https://tocsin.example/api/v1/gateway/push/status?token=${encodeURIComponent(TOKEN)}`,
    },
  ]);

  const app = Fastify();
  for (const { channel, routes } of ways.allRoutes) {
    await app.register(routes(new PostgresGatewayInbox(database.pool, SECRET, { channel })));
  }
  const report = (path: string) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/gateway/${path}/status?token=${encodeURIComponent(TOKEN)}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ id: push.taken[0]?.id, state: 'SHOWN' }),
    });
  expect((await report('email')).statusCode).toBe(404);
  expect((await report('push')).statusCode).toBe(204);
  expect(await world.states()).toEqual({ 'onset accepted': 1, 'onset delivered': 1 });
  await app.close();
  await Promise.all(
    [ways.port, ...ways.others.map(({ gateway }) => gateway)].map((e) => e.close()),
  );
}, 150_000);
