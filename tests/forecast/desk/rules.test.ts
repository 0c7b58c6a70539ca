import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseYaml } from '../../../src/adapters/rules/load-yaml.js';
import { checkDeskRules, DeskRules } from '../../../src/forecast/desk/rules.js';

const shipped = readFileSync(new URL('../../../rules/desk.yaml', import.meta.url), 'utf8');

it.each([
  [
    'clearShare: 0.1',
    'clearShare: 0.25',
    'surge.clearShare was 0.25, allowed: less than surge.raiseShare (0.25)',
  ],
  [
    'leastCalls: 10',
    'leastCalls: 0',
    'key surge.leastCalls was 0, allowed: a number from 1 to 1000000',
  ],
  ['by about {time}.', 'by about {when}.', 'ivr.texts.en.until cannot be read as a text'],
  ['by about {time}.', 'by about {time', 'ivr.texts.en.until cannot be read as a text'],
  ['    fr:', '    french:', 'key ivr.texts.french is unknown'],
])('refuses %j as %j with the place', (from, to, message) => {
  const text = shipped.replace(from, to);
  expect(text).not.toBe(shipped);
  expect(() => parseYaml(text, 'desk.yaml', DeskRules, checkDeskRules)).toThrow(
    new RegExp(`desk\\.yaml:\\d+:\\d+: .*${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
  );
});
