import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresDeliveryQueue } from '../../src/adapters/postgres/delivery-queue.js';
import { PostgresImpactStore } from '../../src/adapters/postgres/impact-store.js';
import { postgresOperators } from '../../src/adapters/postgres/operator-store.js';
import { PostgresPartnerDesk } from '../../src/adapters/postgres/partner-desk.js';
import { withTransaction } from '../../src/adapters/postgres/pool.js';
import { readPartnerNotices } from '../../src/adapters/postgres/read-partner-notices.js';
import { webhookSignature } from '../../src/adapters/webhook/webhook-channel.js';
import type { Incident } from '../../src/domain/incident.js';
import type { PartnerNews } from '../../src/domain/partner-news.js';
import type { PartnerRules } from '../../src/notify/partners/rules.js';
import { wallClock } from '../../src/runtime/clock.js';
import { DeskWorker } from '../../src/runtime/desk-worker.js';
import { Health } from '../../src/runtime/health.js';
import { createLog } from '../../src/runtime/log.js';
import { partnerChannels } from '../../src/service/partner-channels.js';
import { forecastRules } from '../forecast/shipped-rules.js';
import {
  impactRules,
  incident,
  insertNetwork,
  insertSubscribers,
  MINUTE,
  resolved,
  saveIncident,
  T0,
} from '../services/customers.js';
import { Hook } from '../services/desk/hook.js';
import { Mailbox } from '../services/desk/mailbox.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';

const SECRET = 'sixteen characters at least';
const RULES: PartnerRules = {
  version: 1,
  fewestTold: 3,
  change: { linesShare: 0.5, repairMinutes: 30, leastMinutes: 15 },
  partners: [
    {
      name: 'breizh',
      brands: ['breizh'],
      networks: ['26201'],
      from: { lines: 4 },
      language: 'fr',
      email: ['noc@breizh.example'],
      webhook: 'set below',
      secret: SECRET,
      token: 'token-of-breizh',
    },
  ],
};
const open = incident(['S1-1', 'S1-2', 'S1-3', 'S2-1'], { id: 'inc_1' });
const impact = new PostgresImpactStore({
  ...impactRules,
  visitors: { ...impactRules.visitors, ownNetworks: ['20801'] },
});
let database: TestDatabase;
let mailbox: Mailbox;
let hook: Hook;
let smtpPort: number;
let hookUrl: string;
const workers: DeskWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
  await insertNetwork(database.pool, 3);
  const usual = { 'S1-1': 1 };
  const breizh = Array.from({ length: 8 }, (_, n) => ({
    id: n + 1,
    brand: 'breizh',
    usual,
    homeSite: n < 6 ? 'S1' : 'S3',
    kind: n === 0 ? 'fleet' : n === 7 ? 'machine' : 'person',
  }));
  await insertSubscribers(database.pool, [...breizh, { id: 20, usual }, { id: 21, usual }]);
  await database.pool.query(
    `insert into visitors_seen select decode(lpad(n::text, 32, '0'), 'hex'), network, 'DE',
       cell_number('S1-2'), $1 from generate_series(1, 6) n,
       lateral (select case when n > 4 then '26202' else '26201' end) as of (network)`,
    [new Date(T0 - 30 * MINUTE)],
  );
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    `truncate partner_notices, incidents, incident_subscribers, incident_cells, incident_sites,
       incident_catching, incident_visitors, impact_counts, impact_state, impact_history, audit_log,
       settings cascade`,
  );
  mailbox = new Mailbox();
  hook = new Hook();
  smtpPort = await mailbox.start();
  hookUrl = await hook.start();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  await Promise.all([mailbox.stop().catch(() => undefined), hook.stop()]);
});

/** The leader decides on an incident some minutes after T0. */
async function decide(doc: Incident, minute: number, isShadow = false): Promise<void> {
  const atMs = T0 + minute * MINUTE;
  const desk = new PostgresPartnerDesk(RULES, isShadow);
  await withTransaction(database.pool, async (client) => {
    await saveIncident(client, doc);
    await desk.tell(client, doc, await impact.map(client, doc, atMs), atMs);
  });
}

async function work(): Promise<void> {
  const [partner] = RULES.partners;
  if (partner === undefined) throw new Error('there is one');
  const rules = {
    partners: { ...RULES, partners: [{ ...partner, webhook: hookUrl }] },
    forecast: forecastRules,
  };
  const smtp = {
    host: '127.0.0.1',
    port: smtpPort,
    security: 'none' as const,
    from: 'tocsin@example.org',
  };
  const worker = new DeskWorker({
    queue: new PostgresDeliveryQueue(database.pool),
    channels: new Map(partnerChannels(rules, { config: { smtp } }, createLog('silent'))),
    acknowledgeUrl: (id, recipient) =>
      `https://tocsin.example/${id}/${encodeURIComponent(recipient)}`,
    giveUpMs: 3_600_000,
    now: () => wallClock.now(),
    health: new Health(wallClock, wallClock),
    log: createLog('silent'),
    metrics: new Registry(),
  });
  workers.push(worker);
  await database.pool.query(`update desk_deliveries set not_before = '-infinity'`);
  await worker.turn();
}

const posted = (): PartnerNews[] => hook.posts.map(({ body }) => JSON.parse(body));
const states = async (): Promise<string[]> => {
  const [notice] = (await readPartnerNotices(database.pool, 'inc_1')) ?? [];
  return (notice?.deliveries ?? []).map(({ kind, recipient, state }) => {
    return `${kind} ${recipient.replace('partner breizh ', '')} ${state}`;
  });
};

describe('a partner', () => {
  it('is told by every way it has: the onset, a material change, the end; in counts', async () => {
    await decide(open, 0);
    await work();
    const repair = new Date(T0 + 120 * MINUTE).toISOString();
    await decide({ ...open, estimatedRepairAt: repair }, 20);
    await work();
    await decide(resolved(open), 30);
    await work();
    expect(posted()).toMatchObject([
      {
        kind: 'onset',
        revision: 1,
        partner: 'breizh',
        recipient: 'partner breizh (webhook)',
        severity: 'critical',
        certainty: 0.998,
        counts: { lines: 7, machines: null, byKind: { fleet: null, person: null }, visitors: 4 },
        areas: [{ area: 'Rennes', sites: 2, cells: 4, lines: null }],
      },
      { kind: 'change', revision: 2, changes: ['repair'], estimatedRepairAt: repair },
      { kind: 'restored', revision: 3, endedAt: expect.any(String), counts: { lines: 7 } },
    ]);
    const [first] = hook.posts;
    expect(first?.headers.authorization).toBe('Bearer token-of-breizh');
    const [, seconds] = /^t=(\d+),/.exec(String(first?.headers['tocsin-signature'])) ?? [];
    expect(first?.headers['tocsin-signature']).toBe(
      webhookSignature(SECRET, Number(seconds), first?.body ?? ''),
    );
    expect(mailbox.mails.map((mail) => mail.to)).toEqual(Array(3).fill(['noc@breizh.example']));
    expect(new Set(mailbox.mails.map((mail) => mail.header('References'))).size).toBe(1);
  });

  it('is told once of a state, however often it is decided, and nothing of a decision that failed', async () => {
    await decide(open, 0);
    await decide(open, 0);
    await decide(open, 40);
    const failing = withTransaction(database.pool, async (client) => {
      const doc = { ...open, severity: 'minor' as const };
      const summary = await impact.map(client, doc, T0 + 50 * MINUTE);
      await new PostgresPartnerDesk(RULES, false).tell(client, doc, summary, T0 + 50 * MINUTE);
      throw new Error('the process dies before the commit');
    });
    await expect(failing).rejects.toThrow('dies');
    expect(await states()).toEqual(['onset (email) pending', 'onset (webhook) pending']);
  });

  it('that is away hears of it later under the same id, and others meanwhile', async () => {
    hook.answers = [503, 204];
    await decide(open, 0);
    await work();
    expect(await states()).toEqual(['onset (email) sent', 'onset (webhook) pending']);
    await work();
    expect(await states()).toEqual(['onset (email) sent', 'onset (webhook) sent']);
    expect(new Set(posted().map(({ deliveryId }) => deliveryId)).size).toBe(1);
    expect(mailbox.mails).toHaveLength(1);
    const [notice] = (await readPartnerNotices(database.pool, 'inc_1')) ?? [];
    expect(notice?.deliveries[1]).toMatchObject({ attempts: 2, sentAt: expect.any(String) });
  });

  it('that heard nothing before the end is told nothing of it', async () => {
    hook.answers = [503];
    await decide(open, 0);
    await work();
    await decide(resolved(open), 30);
    hook.answers = [204];
    await work();
    await work();
    expect(await states()).toEqual([
      'onset (email) sent',
      'onset (webhook) superseded',
      'restored (email) sent',
      'restored (webhook) superseded',
    ]);
  });

  it('is told that it was none, or as what it goes on', async () => {
    await decide(open, 0);
    await database.pool.query(
      `insert into audit_log (actor, action, target, why) values ('Ada', 'notAnIncident', 'inc_1', 'a test')`,
    );
    await decide({ ...resolved(open), state: 'closed' }, 5);
    await work();
    await work();
    // what was not heard of needs no taking back
    expect(await states()).toEqual([
      'onset (email) superseded',
      'onset (webhook) superseded',
      'withdrawn (email) superseded',
      'withdrawn (webhook) superseded',
    ]);
    const other = { ...open, id: 'inc_2', lineageId: 'lin_2' };
    await decide(other, 10);
    await work();
    await decide({ ...resolved(other), state: 'closed', mergedInto: 'inc_1' }, 20);
    await work();
    expect(posted().map(({ kind, goesOnAs }) => [kind, goesOnAs])).toEqual([
      ['onset', null],
      ['merged', 'inc_1'],
    ]);
  });

  it('is sent nothing in shadow mode or while messages are stopped, and it is kept', async () => {
    await decide(open, 0, true);
    await work();
    expect(await states()).toEqual(['onset (email) shadow', 'onset (webhook) shadow']);
    await database.pool.query(
      `insert into settings (key, value) values ('killSwitch', '{"on": true}')`,
    );
    const other = { ...open, id: 'inc_2', lineageId: 'lin_2' };
    await decide(other, 0);
    await work();
    expect(hook.posts).toEqual([]);
    await database.pool.query('delete from settings');
    await work();
    expect(posted()).toMatchObject([{ kind: 'onset', incidentId: 'inc_2' }]);
  });

  it('says that it has seen it, once, by the link', async () => {
    await decide(open, 0);
    const [notice] = (await readPartnerNotices(database.pool, 'inc_1')) ?? [];
    const operators = postgresOperators(database.pool, async () => undefined);
    const seen = {
      alertId: notice?.alertId ?? '',
      who: 'Yann (partner breizh (email))',
      via: 'link' as const,
      note: 'ok',
    };
    expect(await operators.acknowledgeSurge(seen)).toBe('kept');
    expect(await operators.acknowledgeSurge(seen)).toBe('known');
    expect(await operators.acknowledgeSurge({ ...seen, alertId: 'partner_x' })).toBe('unknown');
    const [after] = (await readPartnerNotices(database.pool, 'inc_1')) ?? [];
    expect(after?.acknowledgements).toMatchObject([{ who: seen.who, note: 'ok' }]);
    expect(await readPartnerNotices(database.pool, 'inc_0')).toBeUndefined();
  });
});
