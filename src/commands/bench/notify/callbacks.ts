import fastify from 'fastify';
import type pg from 'pg';
import { median } from 'simple-statistics';
import twilio from 'twilio';
import { Agent, request } from 'undici';
import { PostgresGatewayInbox } from '../../../adapters/postgres/gateway-inbox.js';
import { createPool, query } from '../../../adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import { callbackUrl } from '../../../adapters/twilio/twilio-gateway.js';
import { readTwilioStatus } from '../../../adapters/twilio/twilio-status.js';
import { twilioRoutes } from '../../../api/twilio-routes.js';
import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { alternate, type Measured } from '../harness.js';
import { ACCOUNT } from './kill-steps.js';
import { queueWave } from './message-world.js';
import { ownDatabase } from './own-database.js';
import type { NotifyPartOptions } from './part.js';

const MESSAGES = 10_000;
const RUNS = 5;
const AT_ONCE = 32;
const SENT_EARLIER = `
truncate delivery_receipts;
update outbox set state = 'accepted', attempts = 1, gateway_id = 'SM' || message_id,
  handed_over_at = now()`;

interface Callback {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Signed "delivered" callbacks of Twilio through the real route into the outbox, beside the same
 * requests to a route that reads the form and answers.
 */
export async function measureCallbacks(options: NotifyPartOptions): Promise<PartResult> {
  const people = Math.max(500, Math.round(MESSAGES * options.scale));
  const pool = createPool(await ownDatabase(options.templateUrl, 'tocsin_callbacks'));
  const app = await listening(pool);
  try {
    const rules = loadRules();
    await queueWave(pool, { people, nowMs: Date.UTC(2026, 0, 14, 13, 0), rules });
    const waves = new PostgresWaveStore({ policy: rules.policy });
    while (await waves.expand(pool)) options.progress('messages queued');
    const callbacks = await callbacksOf(pool, app.url);
    const ours = async (): Promise<number> => {
      await query(pool, SENT_EARLIER);
      await post(callbacks);
      return deliveredIn(pool);
    };
    const bare = callbacks.map((each) => ({ ...each, url: `${app.url}/bare` }));
    const { ours: written, baseline } = await alternate(RUNS, ours, () => post(bare));
    return resultOf(callbacks.length, perSecond(written), perSecond(baseline));
  } finally {
    await app.close();
    await pool.end();
  }
}

async function listening(pool: pg.Pool): Promise<{ url: string; close: () => Promise<void> }> {
  const app = fastify();
  const publicUrl = 'https://tocsin.example';
  await app.register(
    twilioRoutes({
      inbox: new PostgresGatewayInbox(pool, 'a secret for measuring only'),
      authToken: ACCOUNT.authToken,
      publicUrl,
      readStatus: readTwilioStatus,
    }),
  );
  await app.register(async (scope) => {
    const type = 'application/x-www-form-urlencoded';
    scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.post('/bare', (_request, reply) => reply.code(204).send());
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
}

async function deliveredIn(pool: pg.Pool): Promise<number> {
  const { rows } = await query<{ count: number }>(
    pool,
    `select count(*)::int as count from outbox where state = 'delivered'`,
  );
  return rows[0]?.count ?? 0;
}

/** One signed callback for each message, as Twilio makes it. */
async function callbacksOf(pool: pg.Pool, url: string): Promise<Callback[]> {
  const { rows } = await query<{ id: string }>(
    pool,
    `select message_id as id from outbox where state <> 'suppressed' order by 1`,
  );
  return rows.map(({ id }) => {
    const form = {
      MessageSid: `SM${id}`,
      MessageStatus: 'delivered',
      AccountSid: ACCOUNT.accountSid,
    };
    const signed = callbackUrl('https://tocsin.example', id);
    return {
      url: callbackUrl(url, id),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': twilio.getExpectedTwilioSignature(ACCOUNT.authToken, signed, form),
      },
      body: new URLSearchParams(form).toString(),
    };
  });
}

/** @returns how many were answered by 204 */
async function post(callbacks: readonly Callback[]): Promise<number> {
  const dispatcher = new Agent({ connections: AT_ONCE, pipelining: 1 });
  const left = callbacks.values();
  let taken = 0;
  const loop = async (): Promise<void> => {
    for (const { url, headers, body } of left) {
      const answer = await request(url, { dispatcher, method: 'POST', headers, body });
      await answer.body.dump();
      if (answer.statusCode === 204) taken++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  await dispatcher.close();
  return taken;
}

function perSecond(runs: readonly Measured[]): number {
  return Math.round(median(runs.map(({ work, wallSeconds }) => work / wallSeconds)));
}

function resultOf(callbacks: number, written: number, bare: number): PartResult {
  const ratio = written / bare;
  return {
    figures: { callbacks, runs: RUNS, perSecond: written },
    baseline: { perSecond: bare },
    ratios: { perSecond: ratio },
    lines: [
      `${callbacks} signed status callbacks, ${AT_ONCE} at once: ${written} a second checked and written, ${bare} where a route only reads the form: ${ratio.toFixed(2)}`,
    ],
  };
}
