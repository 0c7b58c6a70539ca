import type pg from 'pg';
import { Registry } from 'prom-client';
import { median } from 'simple-statistics';
import { Agent, request } from 'undici';
import { createPool, query } from '../../../adapters/postgres/pool.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import { TwilioGateway } from '../../../adapters/twilio/twilio-gateway.js';
import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { alternate, type Measured } from '../harness.js';
import { ACCOUNT } from './kill-steps.js';
import { queueWave } from './message-world.js';
import { ownDatabase } from './own-database.js';
import type { NotifyPartOptions } from './part.js';
import { sendingWorker } from './sending-worker.js';
import { startSimulator } from './simulator-process.js';

const MESSAGES = 20_000;
const RUNS = 5;
const IN_FLIGHT = 64;
const FROM = '+33700000000';

/** The outbox as it was before anything left. */
const AGAIN = `
update outbox set state = 'pending', gateway_id = null, handed_over_at = null, lease_until = null,
  attempts = 0, turn_at = null;
update waves set drained = false; truncate sms_spend, sms_senders`;
const IS_UNDER_WAY = `select 1 from outbox where state in ('pending', 'claimed') limit 1`;
const LOOK_MS = 20;

/**
 * Messages handed to a local gateway and their answers written, each decided again before it leaves,
 * beside a bare undici loop that posts the same forms to the same gateway with the same concurrency.
 */
export async function measureDispatch(options: NotifyPartOptions): Promise<PartResult> {
  const people = Math.max(500, Math.round(MESSAGES * options.scale));
  const pool = createPool(await ownDatabase(options.templateUrl, 'tocsin_dispatch'));
  const gateway = await startSimulator('gateway');
  try {
    const nowMs = Date.UTC(2026, 0, 14, 13, 0);
    const rules = loadRules();
    await queueWave(pool, { people, nowMs, rules });
    const waves = new PostgresWaveStore({ policy: rules.policy });
    while (await waves.expand(pool)) options.progress('messages queued');
    await query(pool, 'analyze');
    const texts = await sentOnce(pool, { url: gateway.url, rules, nowMs });
    options.progress(`${texts.length} messages`);
    const ours = async (): Promise<number> => {
      await query(pool, AGAIN);
      return drainOutbox(pool, { url: gateway.url, rules, nowMs });
    };
    const { ours: sent, baseline: bare } = await alternate(RUNS, ours, () =>
      postAll(gateway.url, texts),
    );
    return resultOf(texts.length, rates(sent), rates(bare));
  } finally {
    gateway.stop();
    await pool.end();
  }
}

type Ends = Pick<Parameters<typeof sendingWorker>[0], 'rules' | 'nowMs'> & { readonly url: string };

/** A first round, which warms both ends. @returns what was sent to whom */
async function sentOnce(pool: pg.Pool, ends: Ends): Promise<{ to: string; text: string }[]> {
  await drainOutbox(pool, ends);
  const { rows } = await query<{ to: string; text: string }>(
    pool,
    `select d.value as "to", o.body as text from outbox o join subscriber_identifiers d
     using (subscriber_id, phone_key) where o.state = 'accepted' order by o.message_id`,
  );
  return rows;
}

/** @returns messages accepted */
async function drainOutbox(pool: pg.Pool, { url, rules, nowMs }: Ends): Promise<number> {
  const gateway = new TwilioGateway({
    ...ACCOUNT,
    from: FROM,
    baseUrl: url,
    connections: IN_FLIGHT,
  });
  const metrics = new Registry();
  const worker = sendingWorker({ pool, gateway, rules, nowMs, metrics, maxInFlight: IN_FLIGHT });
  worker.start();
  while (((await query(pool, IS_UNDER_WAY)).rowCount ?? 0) > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await worker.stop();
  await gateway.close();
  const { rows } = await query<{ count: number }>(
    pool,
    `select count(*) from outbox where state = 'accepted'`,
  );
  return Number(rows[0]?.count ?? 0);
}

/** The same requests and nothing else. @returns how many were accepted */
async function postAll(
  url: string,
  texts: readonly { to: string; text: string }[],
): Promise<number> {
  const dispatcher = new Agent({ connections: IN_FLIGHT, pipelining: 1 });
  const credentials = Buffer.from(`${ACCOUNT.accountSid}:${ACCOUNT.authToken}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const path = `${url}/2010-04-01/Accounts/${ACCOUNT.accountSid}/Messages.json`;
  let next = 0;
  let accepted = 0;
  const loop = async (): Promise<void> => {
    for (let at = next++; at < texts.length; at = next++) {
      const sms = texts[at];
      const form = { To: sms?.to ?? '', Body: sms?.text ?? '', From: FROM, ValidityPeriod: '3600' };
      const body = new URLSearchParams(form).toString();
      const answer = await request(path, { dispatcher, method: 'POST', headers, body });
      await answer.body.text();
      if (answer.statusCode === 201) accepted++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  await dispatcher.close();
  return accepted;
}

/** Median work per second of wall time and of this process' CPU time. */
function rates(runs: readonly Measured[]): { perSecond: number; perCpuSecond: number } {
  return {
    perSecond: Math.round(median(runs.map(({ work, wallSeconds }) => work / wallSeconds))),
    perCpuSecond: Math.round(median(runs.map(({ work, cpuSeconds }) => work / cpuSeconds))),
  };
}

function resultOf(
  messages: number,
  ours: ReturnType<typeof rates>,
  bare: ReturnType<typeof rates>,
): PartResult {
  const ratio = ours.perSecond / bare.perSecond;
  return {
    figures: { messages, runs: RUNS, ...ours },
    baseline: bare,
    ratios: { perSecond: ratio },
    lines: [
      `${messages} messages to a local gateway, ${IN_FLIGHT} at once: ${ours.perSecond} a second, a bare undici loop ${bare.perSecond}: ${ratio.toFixed(2)} of it (aim 0.7)`,
      `  a second of this process' CPU time: ${ours.perCpuSecond}, the bare loop ${bare.perCpuSecond}`,
    ],
  };
}
