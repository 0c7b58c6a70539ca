import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseYaml } from '../../../src/adapters/rules/load-yaml.js';
import { checkPartnerRules, PartnerRules } from '../../../src/notify/partners/rules.js';

const shipped = readFileSync(new URL('../../../rules/partners.yaml', import.meta.url), 'utf8');
const withPartners = (...partners: string[]): string =>
  shipped.replace(
    'partners: []',
    ['partners:', ...partners.map((each) => `  - ${each}`)].join('\n'),
  );

it('takes several ways to one partner', () => {
  const text = withPartners(
    '{name: a, brands: [x], from: {lines: 5}, email: [a@b.c], webhook: "https://a.example/in", token: abcdefgh, topic: t}',
  );
  expect(parseYaml(text, 'partners.yaml', PartnerRules, checkPartnerRules).partners).toHaveLength(
    1,
  );
});

it.each([
  [
    ['{name: a, brands: [x], from: {lines: 5}}'],
    '"a" is reached by nothing; allowed: email, webhook or topic',
  ],
  [
    ['{name: a, brands: [x], from: {lines: 0}, topic: t}'],
    'was 0, allowed: a whole number from 1 to 100000000',
  ],
  [['{name: a, brands: [], from: {lines: 5}, topic: t}'], 'brands'],
  [
    ['{name: a, brands: [x], from: {lines: 5}, webhook: "https://a.example"}'],
    'webhook needs secret',
  ],
  [
    ['{name: a, brands: [x], from: {lines: 5}, topic: t, token: abcdefgh}'],
    'token is for a webhook',
  ],
  [['{name: a, brands: [x], from: {lines: 5, severity: bad}, topic: t}'], 'severity was "bad"'],
  [
    [
      '{name: a, brands: [x], from: {lines: 5}, topic: t}',
      '{name: a, brands: [y], from: {lines: 5}, topic: t}',
    ],
    'name was "a", which an entry before has',
  ],
])('refuses %j with the place', (partners, message) => {
  expect(() =>
    parseYaml(withPartners(...partners), 'partners.yaml', PartnerRules, checkPartnerRules),
  ).toThrow(
    new RegExp(`partners\\.yaml:\\d+:\\d+: .*${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
  );
});
