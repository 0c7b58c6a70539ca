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
