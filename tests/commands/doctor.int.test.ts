import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTable } from '../../src/adapters/postgres/aliases.js';
import { PostgresDeadLetters } from '../../src/adapters/postgres/dead-letters.js';
import { JournalIntake } from '../../src/adapters/postgres/intake.js';
import { PostgresJournal } from '../../src/adapters/postgres/journal.js';
import { printable } from '../../src/commands/doctor/report.js';
import { examine } from '../../src/commands/doctor.js';
import { loadConfig } from '../../src/config.js';
import { createDecoder } from '../../src/sources/decoder.js';
import { TestTopics } from '../adapters/kafka/test-topics.js';
import { Hook } from '../services/desk/hook.js';
import { Mailbox } from '../services/desk/mailbox.js';
import { hasInflux1, startInflux1 } from '../services/influx1.js';
import { hasKafka, sharedKafka } from '../services/kafka/shared.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { bytes, shippedFeed } from '../sources/decoding.js';

const feedFile = (name: string): string =>
  fileURLToPath(new URL(`../../rules/feeds/${name}.yaml`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'));
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(
    "insert into sites (site_id, lat, lon) values ('S1', 45, 4); insert into cells (cell_id, site_id) values ('C1', 'S1'), ('C2', 'S1');",
  );
  await database.pool.query(
    `with s as (insert into subscribers default values returning subscriber_id),
          i as (insert into subscriber_identifiers (kind, value, subscriber_id)
                select 'imsi', '208010000000001', subscriber_id from s)
     insert into usual_cells (subscriber_id, cell_no, weight) select subscriber_id, cell_number('C1'), 1 from s`,
  );
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Examines an installation on the test database; `text` is added to its configuration. */
async function doctor(text = '') {
  const path = join(folder, `${randomUUID()}.yaml`);
  const base = `database: {url: "${database.url}"}\ndataDir: ${folder}\nserver: {port: 0}\n`;
  writeFileSync(path, `${base}${text}`);
  const report = await examine(loadConfig(path));
  return { ...report, named: (name: string) => report.checks.find((check) => check.name === name) };
}

/** Sends a payload through a feed into journal and dead letters, as a push would. */
async function take(name: string, payload: string): Promise<void> {
  const letters = new PostgresDeadLetters(database.pool);
  const aliases = new AliasTable(database.pool);
  await aliases.refresh();
  const decoder = createDecoder(await shippedFeed(name), {
    aliases,
    deadLetters: letters,
    source: 'http',
  });
  decoder.payload(bytes(payload));
  const intake = new JournalIntake(new PostgresJournal(database.pool), { shards: 1 });
  await intake.accept(decoder.take());
  await letters.close();
}

describe('doctor on an empty installation', () => {
  it('finds the database good and says that nothing has come of the feeds', async () => {
    const report = await doctor();
    expect(report.ok).toBe(true);
    for (const name of ['postgres', 'postgres session', 'postgres rights', 'feeds']) {
      expect(report.named(name)?.status, name).toBe('ok');
    }
    expect(report.named('write tokens')?.status).toBe('warning');
    expect(report.feeds.map(({ feed }) => feed)).toContain('telemetry-line-protocol');
    for (const feed of report.feeds) {
      expect(feed).toMatchObject({ records: 0, resolvedToInventory: null });
      expect(feed.mend).toContain('nothing has come');
    }
  });
});

describe('doctor on feeds', () => {
  beforeAll(async () => {
    const line = (cell: string, users: number): string =>
      `cell_kpi,cell=${cell} users_avg=${users} 1767225600000000000`;
    await take(
      'telemetry-line-protocol',
      [line('C1', 1), line('C2', 1), line('X9', 1), line('X9', 2), line('C1', -1)].join('\n'),
    );
    const seen = (subscriber: string) => ({ subscriber, cell: 'C1', time: '2026-01-01T00:00:00Z' });
    await take('presence-json', JSON.stringify([seen('208010000000001'), seen('208019999999999')]));
  });

  it('tells the shares resolved, the top unresolved ids and what was refused', async () => {
    const { feeds } = await doctor();
    const telemetry = feeds.find(({ feed }) => feed === 'telemetry-line-protocol');
    expect(telemetry).toMatchObject({
      records: 5,
      resolvedToInventory: 3 / 5,
      resolvedToSubscribers: 2 / 3,
      unresolved: [{ id: 'X9', count: 2 }],
      rejected: [
        { reason: 'object.unknown', count: 2 },
        { reason: 'kpi.negativeCount', count: 1 },
      ],
    });
    expect(telemetry?.mend).toContain('tocsin import cells');
    const presence = feeds.find(({ feed }) => feed === 'presence-json');
    expect(presence).toMatchObject({ resolvedToInventory: 1, resolvedToSubscribers: 0.5 });
    expect(presence?.mend).toContain('tocsin import subscribers');
  });

  it('prints it for people without rounding up to all', async () => {
    const report = await doctor();
    const text = printable(report);
    expect(text).toContain('resolved to inventory    60.0 %');
    expect(text).toContain('unresolved: X9 (2)');
  });
});

describe('doctor on the desk', () => {
  it('lets itself in by SMTP and asks the webhook, and sends neither mail nor alert', async () => {
    const account = { user: 'tocsin', password: 'of the desk' };
    const [mailbox, hook] = [new Mailbox(account), new Hook()];
    const [port, url] = [await mailbox.start(), await hook.start()];
    const desk = (password: string) => `
desk:
  smtp: {host: 127.0.0.1, port: ${port}, security: none, user: tocsin, password: ${password}, from: a@b.fr}
  recipients:
    - {name: intraday, email: [desk@example.org]}
    - {name: outsourcer, webhook: '${url}', secret: secret-of-the-outsourcer}
`;
    const good = await doctor(desk(account.password));
    expect(good.named('smtp')).toMatchObject({
      status: 'warning',
      detail: expect.stringMatching(/in clear$/) as string,
    });
    expect(good.named('desk outsourcer')?.status).toBe('ok');
    expect((await doctor(desk('wrong'))).named('smtp')?.status).toBe('failed');
    expect([mailbox.mails, hook.posts.map(({ body }) => body)]).toEqual([[], ['', '']]);
    await Promise.all([mailbox.stop(), hook.stop()]);
  });
});

describe('doctor on what is away', () => {
  it('names each thing that fails with what to do, and still tries the others', async () => {
    const report = await doctor(`
sources:
  kafka:
    brokers: ['127.0.0.1:1']
    topics: [{topic: kpi, feed: ${feedFile('telemetry-line-protocol')}, payload: lineProtocol}]
  influx:
    - {name: i, dialect: influxql, url: 'http://127.0.0.1:1', database: d, measurement: m, feed: ${feedFile('links-influx')}}
gateway: {kind: twilio, accountSid: AC1, authToken: secret, from: '+33100000000', baseUrl: 'http://127.0.0.1:1'}
desk:
  smtp: {host: 127.0.0.1, port: 1, security: none, from: tocsin@example.org}
  forecastTopic: forecasts
  recipients:
    - {name: intraday, email: [desk@example.org]}
    - {name: outsourcer, webhook: 'http://127.0.0.1:1/', secret: secret-of-the-outsourcer}
`);
    expect(report.ok).toBe(false);
    for (const name of [
      'kafka topic kpi',
      'influx i',
      'sms gateway',
      'smtp',
      'desk outsourcer',
      'kafka topic forecasts',
    ]) {
      expect(report.named(name), name).toMatchObject({ status: 'failed' });
      expect(report.named(name)?.mend).not.toBe('');
    }
    expect(report.named('postgres')?.status).toBe('ok');
    expect(JSON.stringify(report)).not.toContain('secret');
  });

  it('says so when the database does not answer', async () => {
    const path = join(folder, 'away.yaml');
    writeFileSync(
      path,
      `database: {url: 'postgres://u:hidden@127.0.0.1:1/d'}\ndataDir: ${folder}\nserver: {port: 0}\n`,
    );
    const report = await examine(loadConfig(path));
    const postgres = report.checks.find(({ name }) => name === 'postgres');
    expect(postgres).toMatchObject({ status: 'failed' });
    expect(postgres?.mend).toContain('database.url');
    expect(JSON.stringify(report)).not.toContain('hidden');
  });

  it('names a broken feed with file, line and column', async () => {
    const path = join(folder, 'bad-feed.yaml');
    writeFileSync(path, 'format: csv\nkind: kpy\n');
    const report = await doctor(`feeds: [${path}]\n`);
    expect(report.named('feeds')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(`${path}:2:1`) as string,
    });
  });

  it('judges a folder of rules as start does', async () => {
    const report = await doctor('rules: ruels\n');
    expect(report.named('rules')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining(`rules: ${join(folder, 'ruels')} is no folder`) as string,
    });
    const partial = await doctor('rules: .\n');
    expect(partial.named('rules')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('it lacks detection.yaml, ') as string,
    });
  });

  it('knows another program on its port', async () => {
    const other = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const path = join(folder, 'port.yaml');
    const { port } = other.address() as AddressInfo;
    writeFileSync(path, `database: {url: "${database.url}"}\nserver: {port: ${port}}\n`);
    const report = await examine(loadConfig(path));
    other.closeAllConnections();
    other.close();
    const check = report.checks.find(({ name }) => name === 'http port');
    expect(check).toMatchObject({ status: 'failed', detail: expect.stringContaining('another') });
  });
});

describe.skipIf(!(await hasKafka()))('doctor on a real Kafka', () => {
  it('reads the newest records and tells how many resolve', async () => {
    const { brokers } = await sharedKafka();
    const topics = new TestTopics(brokers);
    const topic = await topics.create();
    const lines = ['C1', 'C2', 'X1', 'X1'].map((cell) => ({
      key: cell,
      value: `cell_kpi,cell=${cell} users_avg=1 1767225600000000000`,
    }));
    await topics.send(topic, lines);
    const report = await doctor(`
sources:
  kafka:
    brokers: ${JSON.stringify(brokers)}
    topics: [{topic: ${topic}, feed: ${feedFile('telemetry-line-protocol')}, payload: lineProtocol}]
feeds: []
`);
    expect(report.named(`kafka topic ${topic}`)?.status).toBe('ok');
    expect(report.named(`kafka read ${topic}`)?.status).toBe('ok');
    expect(report.feeds[0]).toMatchObject({
      records: 4,
      resolvedToInventory: 0.5,
      unresolved: [{ id: 'X1', count: 2 }],
    });
  }, 180_000);
});

describe.skipIf(!hasInflux1)('doctor on a real InfluxDB', () => {
  it('reads what is there and tells how much resolves', async () => {
    const server = await startInflux1();
    await server.manage('CREATE DATABASE "doctor"');
    const lines = ['C1', 'X7'].map(
      (cell) => `cell_kpi,cell=${cell} users_avg=1 ${Date.now() - 60_000}000000`,
    );
    await server.write('doctor', lines.join('\n'));
    const report = await doctor(`
sources:
  influx:
    - {name: i, dialect: influxql, url: '${server.url}', database: doctor, measurement: cell_kpi, feed: ${feedFile('telemetry-line-protocol')}}
feeds: []
`);
    await server.stop();
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.named('influx i')?.status).toBe('ok');
    expect(report.feeds[0]).toMatchObject({
      records: 2,
      resolvedToInventory: 0.5,
      unresolved: [{ id: 'X7', count: 1 }],
    });
  });
});
