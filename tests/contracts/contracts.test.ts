import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { contracts, schemaText } from './contracts.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const names = Object.keys(contracts);
const textOf = (name: string): string =>
  readFileSync(join(root, 'schemas', `${name}.json`), 'utf8');

function ajv(): Ajv {
  const checker = new Ajv({ strictTypes: false, strictTuples: false });
  ajvFormats.default(checker);
  return checker;
}

test('the folder holds every contract and nothing else', () => {
  const files = readdirSync(join(root, 'schemas')).filter((file) => file.endsWith('.json'));
  expect(files.map((file) => basename(file, '.json')).sort()).toEqual([...names].sort());
});

test.each(names)('%s is checked in as it is declared: else run write-schemas.ts', (name) => {
  const contract = contracts[name];
  if (contract === undefined) throw new Error('listed above');
  expect(textOf(name)).toBe(schemaText(name, contract));
});

test.each(names)('%s is a schema any draft-07 validator can use', (name) => {
  const schema = JSON.parse(textOf(name));
  expect(schema.$id).toBe(`urn:tocsin:schema:${name}:${contracts[name]?.version}`);
  expect(ajv().validateSchema(schema)).toBe(true);
  expect(ajv().compile(schema)({ notA: 'key of ours' })).toBe(false);
});

const time = '2024-01-15T10:00:00Z';
const examples: Record<string, object> = {
  'kpi-report': {
    schemaVersion: 1,
    feed: 'ran',
    objectType: 'cell',
    objectId: '2.2265366483183206e+17',
    periodStart: time,
    periodSeconds: 900,
    kpis: { rrcSetupSuccess: { value: 0.99, attempts: 200 } },
  },
  alarm: {
    alarmId: 'a1',
    objectId: 'S1',
    perceivedSeverity: 'cleared',
    probableCause: 'powerProblem',
    alarmRaisedTime: time,
  },
  presence: { subscriber: '208010000000001', cell: 'C1', time },
  'single-call': { queue: 'care', time, outcome: 'answered', handleSeconds: 180 },
  'call-interval': { queue: 'care', start: time, intervalSeconds: 900, offered: 12 },
  'operator-act': { actId: 'x', at: time, actor: 'noc', why: 'seen', action: 'acknowledge' },
};

test.each(Object.entries(examples))('%s accepts an example and no unknown key', (name, example) => {
  const fits = ajv().compile(JSON.parse(textOf(name)));
  expect(fits(example), JSON.stringify(fits.errors)).toBe(true);
  expect(fits({ ...example, unknown: 1 })).toBe(false);
});

const shipped: Record<string, string> = {
  'kpi-rules': 'kpis.yaml',
  'detection-rules': 'detection.yaml',
  'correlation-rules': 'correlation.yaml',
  'impact-rules': 'impact.yaml',
  'forecast-rules': 'forecast.yaml',
  'notification-policy': 'notification.yaml',
  'crm-rules': 'crm.yaml',
};
const inFolder = (folder: string) =>
  readdirSync(join(root, 'rules', folder)).map((file) => join(folder, file));

test.each([
  ...Object.entries(shipped),
  ...inFolder('feeds').map((file) => ['feed', file] as const),
  ...inFolder('messages').map((file) => ['message-file', file] as const),
])('the shipped rules fit %s: %s', (name, file) => {
  const schema = contracts[name]?.schema;
  if (schema === undefined) throw new Error(`no contract ${name}`);
  expect(loadYaml(join(root, 'rules', file), schema)).toBeTypeOf('object');
});
