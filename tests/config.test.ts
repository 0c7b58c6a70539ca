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
