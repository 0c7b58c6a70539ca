import type { TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';
import { complaints } from '../../../src/adapters/rules/complaints.js';
import { parseYaml } from '../../../src/adapters/rules/load-yaml.js';
import { Config } from '../../../src/config.js';
import { CorrelationRules } from '../../../src/correlate/rules.js';
import { CrmRules } from '../../../src/crm/rules.js';
import { DetectionRules } from '../../../src/detect/rules.js';
import { Alarm } from '../../../src/domain/alarm.js';
import { CallInterval, Presence } from '../../../src/domain/facts.js';
import { Feed } from '../../../src/domain/feed.js';
import { KpiRules } from '../../../src/domain/kpi.js';
import { ForecastRules } from '../../../src/forecast/rules.js';
import { ImpactRules } from '../../../src/impact/rules.js';
import { MessageFile } from '../../../src/notify/message-file.js';
import { NotificationPolicy } from '../../../src/notify/policy.js';
import { ScoredReplay } from '../../../src/scoring/replay-document.js';

const SCHEMAS: Readonly<Record<string, TSchema>> = {
  Alarm,
  CallInterval,
  Config,
  CorrelationRules,
  CrmRules,
  DetectionRules,
  Feed,
  ForecastRules,
  ImpactRules,
  KpiRules,
  MessageFile,
  NotificationPolicy,
  Presence,
  ScoredReplay,
};

interface Place {
  readonly path: string;
  readonly schema: TSchema;
}

/** Every part of a schema that takes numbers. */
function numbersIn(schema: object, path: string): Place[] {
  const { type } = schema as { type?: unknown };
  const own = type === 'number' || type === 'integer' ? [{ path, schema: schema as TSchema }] : [];
  return own.concat(
    Object.entries(schema).flatMap(([key, part]) =>
      part !== null && typeof part === 'object' ? numbersIn(part as object, `${path}.${key}`) : [],
    ),
  );
}

const PLACES = Object.entries(SCHEMAS).flatMap(([name, schema]) => numbersIn(schema, name));

describe('complaints', () => {
  it('looks at many numbers', () => {
    expect(PLACES.length).toBeGreaterThan(100);
    for (const name of ['CallInterval', 'Alarm', 'Presence', 'Config', 'DetectionRules']) {
      expect(PLACES.some(({ path }) => path.startsWith(name))).toBe(true);
    }
  });

  it.each(PLACES)('takes no 1e400, -1e400 or NaN as $path', ({ schema }) => {
    for (const value of [JSON.parse('1e400'), JSON.parse('-1e400'), Number.NaN]) {
      expect(complaints(schema, value)).not.toEqual([]);
    }
  });

  it.each(['1e400', '-1e400', '.inf', '-.inf', '.nan'])('takes no %s in a file', (text) => {
    for (const file of [`shards: ${text}`, `server: {port: ${text}}`, `historyDays: ${text}`]) {
      expect(() => parseYaml(file, 'tocsin.yaml', Config)).toThrow(/allowed: a whole number/);
    }
  });

  it('names a text that cannot be stored, where it stands and what is allowed', () => {
    const parse = () => parseYaml('shards: 2\nrules: "a\\ud800b"\n', 'tocsin.yaml', Config);
    expect(parse).toThrow(
      'tocsin.yaml:2:1: key rules cannot be stored, allowed: text without NUL and without half a surrogate pair',
    );
  });
});
