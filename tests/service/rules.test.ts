import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { loadRules, shippedRules } from '../../src/service/rules.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rules of a configuration in `folder`, with what was said to be lacking. */
function rulesOf(text: string) {
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, text);
  const told: (readonly string[])[] = [];
  const rules = loadRules(loadConfig(file).config.rules, (names) => told.push(names));
  return { rules, told };
}

describe('loadRules', () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  copyFileSync(join(shippedRules, 'crm.yaml'), join(own, 'crm.yaml'));
  const detection = join(own, 'detection.yaml');

  it('says nothing of the shipped rules', () => {
    expect(rulesOf('shards: 1\n').told).toEqual([]);
  });

  it.each([
    ['relative to the file', 'rules: own\n'],
    ['absolute', `rules: ${own}\n`],
  ])('reads the folder given %s, and names once what it lacks', (_, text) => {
    writeFileSync(detection, 'not: detection\n');
    expect(() => rulesOf(text)).toThrow(`${detection}:1:1: `);
    rmSync(detection);
    const { rules, told } = rulesOf(text);
    expect(rules.detection).toEqual(loadRules().detection);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('detection.yaml');
    expect(told[0]).toContain('messages');
    expect(told[0]).not.toContain('crm.yaml');
  });

  it.each([
    ['is not there', 'rules: onw\n', 'onw'],
    ['is a file', 'rules: tocsin.yaml\n', 'tocsin.yaml'],
    ['is not there, absolute', `rules: ${join(folder, 'gone')}\n`, 'gone'],
  ])('refuses a folder that %s, with the path and what is allowed', (_, text, name) => {
    expect(() => rulesOf(text)).toThrow(
      `rules: ${join(folder, name)} is no folder: allowed is one with detection.yaml, `,
    );
  });

  it('refuses a text that asks for a reply to a name, with file, line and column', () => {
    const named = join(folder, 'named');
    mkdirSync(join(named, 'messages'), { recursive: true });
    const french = readFileSync(join(shippedRules, 'messages', 'fr.yaml'), 'utf8');
    const file = join(named, 'messages', 'fr.yaml');
    writeFileSync(file, french);
    expect(loadRules(named, undefined, 'alphanumeric').texts.languages).toEqual(['fr']);
    const sneaky = french.replace(
      '{optOut, select, reply {Stop SMS : STOP}',
      'Répondez STOP. {optOut, select, reply {}',
    );
    writeFileSync(file, sneaky);
    const line = sneaky.split('\n').findIndex((each) => each.startsWith('  onset:')) + 1;
    expect(() => loadRules(named, undefined, 'alphanumeric')).toThrow(
      `${file}:${line}:3: sms.onset says STOP, which nobody can reply to a sender of kind alphanumeric, allowed: {optOut} in its place`,
    );
    // a short code can be answered, an e-mail with the same text cannot
    expect(() => loadRules(named, undefined, 'shortCode')).toThrow('a sender of kind email');
  });
});
