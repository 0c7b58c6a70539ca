import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { databaseFromFlags } from '../src/commands/database.js';
import { loadConfig } from '../src/config.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'etc', 'tocsin.yaml');
mkdirSync(join(folder, 'etc'));

function load(text: string) {
  writeFileSync(file, text);
  return loadConfig(file);
}

describe('loadConfig', () => {
  it.each([
    ['relative', 'data', join(folder, 'etc', 'data')],
    ['relative and upward', '../data', join(folder, 'data')],
    ['absolute', '/srv/tocsin', '/srv/tocsin'],
  ])('resolves a %s dataDir against the folder of the file', (_, dataDir, expected) => {
    expect(load(`dataDir: ${dataDir}\n`).config.dataDir).toBe(expected);
  });

  it('gives every command the same data folder', () => {
    const { config } = load('dataDir: data\n');
    expect(databaseFromFlags({ config: file }).dataDir).toBe(config.dataDir);
  });

  it('leaves keys out that the file leaves out', () => {
    expect(load('shards: 2\n').config).toEqual({ shards: 2 });
  });
});

describe('gateway', () => {
  const http = `gateway:
  kind: http
  from: "38000"
  send: {url: "https://sms.example/send", json: {to: "{to}", text: "{text}"}, id: id}
`;

  it('may be Twilio, an SMS centre or anything over HTTP', () => {
    process.env.TOCSIN_TEST_KEY = 'secret';
    const keyed = http.replace('json:', `headers: {key: "$${'{TOCSIN_TEST_KEY}'}"}, json:`);
    expect(load(keyed).config.gateway).toMatchObject({ send: { headers: { key: 'secret' } } });
    delete process.env.TOCSIN_TEST_KEY;
    const smpp = 'gateway: {kind: smpp, host: smsc, systemId: me, password: x, from: Tocsin}\n';
    expect(load(smpp).config.gateway).toMatchObject({ kind: 'smpp', host: 'smsc' });
  });

  it.each([
    ['gateway: {kind: pigeon}', ':1:11: key gateway.kind was "pigeon", allowed: twilio'],
    [
      'gateway: {kind: smpp, host: smsc, systemId: me, from: Tocsin}',
      ':1:1: key gateway.password is missing',
    ],
    [
      'gateway: {kind: smpp, host: smsc, systemId: me, password: x, from: T, window: 0}',
      'key gateway.window was 0, allowed: a whole number from 1 to 1000',
    ],
    [http.replace('{text}', '{message}'), ':4:3: gateway.send has the place {message}, allowed'],
    [
      `${http}  callback: {id: id, status: status}\n`,
      ':5:3: gateway.callback is given without signature or token',
    ],
  ])('is refused where it is wrong: %s', (text, expected) => {
    let message = '';
    try {
      load(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(expected);
    expect(message).not.toContain('accountSid');
  });
});

describe('the desk of a configuration', () => {
  const smtp = 'smtp: {host: mail, from: a@b.fr}';
  it.each([
    [
      `desk:\n  recipients:\n    - {name: a, email: [x@y.fr]}\n`,
      ':3:17: desk.recipients.0.email needs desk.smtp',
    ],
    [
      `desk:\n  ${smtp}\n  recipients:\n    - {name: a, email: [x@y.fr]}\n    - {name: a, email: [x@y.fr]}\n`,
      ':5:8: desk.recipients.1.name was "a", which an entry before has',
    ],
    [`desk:\n  recipients:\n    - name: a\n`, ':3:7: desk.recipients.0.name "a" has neither'],
    [
      `desk:\n  recipients:\n    - {name: a, webhook: "https://x.fr/"}\n`,
      ':3:17: desk.recipients.0.webhook needs secret',
    ],
    [
      `desk:\n  recipients:\n    - {name: a, webhook: "ftp://x.fr/", secret: 1234567890123456x}\n`,
      ':3:17: key desk.recipients.0.webhook was "ftp://x.fr/"',
    ],
    [
      `desk:\n  recipients:\n    - {name: a, webhook: "https://x.fr/", secret: short}\n`,
      ':3:43: key desk.recipients.0.secret was "short"',
    ],
    [
      `desk: {forecastTopic: calls}\n`,
      ':1:8: desk.forecastTopic was "calls" without sources.kafka',
    ],
    [`desk:\n  smtp: {host: mail, from: a@b.fr, user: x}\n`, ':2:3: desk.smtp has one of user'],
    [`desk:\n  smtp: {host: mail, from: nobody}\n`, ':2:22: key desk.smtp.from was "nobody"'],
  ])('is refused with file, line and column: %j', (text, message) => {
    expect(() => load(text)).toThrow(`${file}${message}`);
  });
});

describe('crm', () => {
  it.each([
    [
      'crm:\n  - {kind: rest, name: a, upsert: {url: "https://c/{who}"}, clear: {url: "https://c"}}\n',
      ':2:27: crm.0.upsert has the place {who}, allowed: {subscriberId}',
    ],
    ['crm: [{kind: postgres}, {kind: postgres}]', 'crm.1.name is "postgres", which one before has'],
    ['crm: [{kind: rest, name: a, clear: {url: "https://c"}}]', 'key crm.0.upsert is missing'],
  ])('is refused where it is wrong: %s', (text, expected) => {
    expect(() => load(text)).toThrow(expected);
  });
});
