import Type from 'typebox';
import { expect, test } from 'vitest';
import { loadYaml, parseYaml } from '../../../src/adapters/rules/load-yaml.js';
import { Feed } from '../../../src/domain/feed.js';
import { KpiRules } from '../../../src/domain/kpi.js';

const good = `format: csv
kind: kpi
period: 15m
kpis:
  drops:
    kind: count
    bad: high
`;

function refusal(text: string, schema: Parameters<typeof parseYaml>[2] = Feed): string {
  try {
    parseYaml(text, 'feeds/x.yaml', schema);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

test('returns the value of a file that fits', () => {
  expect(parseYaml(good, 'x.yaml', Feed)).toMatchObject({ kpis: { drops: { bad: 'high' } } });
});

test('names file, line, column, key, what was given and what is allowed', () => {
  expect(refusal(good.replace('bad: high', 'bad: up'))).toBe(
    'feeds/x.yaml:7:5: key kpis.drops.bad was "up", allowed: low, high, both',
  );
});

test('points at an unknown key and lists the known ones', () => {
  const message = refusal(good.replace('period: 15m', 'peroid: 15m'));
  expect(message).toContain(
    'feeds/x.yaml:3:1: key peroid is unknown, allowed: name, format, kind,',
  );
});

test('says what a missing key must be', () => {
  const message = refusal('format: csv\n');
  expect(message).toBe(
    'feeds/x.yaml:1:1: key kind is missing, allowed: kpi, alarm, presence, calls, ticket, counts',
  );
});

test('states the range of a number', () => {
  const message = refusal(
    'version: 1\nkpis:\n  a:\n    kind: gauge\n    unit: "%"\n    bad: low\n    weight: 11\n',
    KpiRules,
  );
  expect(message).toBe(
    'feeds/x.yaml:7:5: key kpis.a.weight was 11, allowed: a number from 0 to 10',
  );
});

test('points into lists', () => {
  const message = refusal(`${good}holidays:\n  - 2024-01-01\n  - soon\n`);
  expect(message).toContain('feeds/x.yaml:10:5: key holidays.1 was "soon"');
});

test('reports the one branch of a union that the value was meant for', () => {
  const schema = Type.Object({
    at: Type.Union([Type.Null(), Type.Object({ size: Type.Integer({ minimum: 1 }) })]),
  });
  expect(refusal('at:\n  size: 0\n', schema)).toBe(
    'feeds/x.yaml:2:3: key at.size was 0, allowed: a whole number from 1',
  );
});

test.each([
  ['a: [1, 2', 'not valid YAML'],
  ['a: 1\na: 2\n', 'not valid YAML: Map keys must be unique'],
  ['- just\n- a list\n', 'key (the whole file) was ["just","a list"], allowed: a map'],
  ['', 'key (the whole file) was null, allowed: a map'],
])('refuses %j with a place and a reason', (text, reason) => {
  expect(refusal(text)).toMatch(/^feeds\/x\.yaml:\d+:\d+: /);
  expect(refusal(text)).toContain(reason);
});

test('refuses a bomb of aliases', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (let i = 0; i < 8; i++) {
    const [from, to] = ['abcdefghi'[i], 'abcdefghi'[i + 1]];
    bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`);
  }
  expect(refusal(bomb.join('\n'))).toContain('Excessive alias count');
});

test('names a file that cannot be read', () => {
  expect(() => loadYaml('/nowhere/rules.yaml', Feed)).toThrow(
    '/nowhere/rules.yaml: cannot be read',
  );
});
