import { describe, expect, it } from 'vitest';
import type { CompiledFeed } from '../../src/sources/compiled-feed.js';
import { createDecoder } from '../../src/sources/decoder.js';
import { blocks, bytes, recording, shippedFeed, smallFeed, smallLineFeed, T0 } from './decoding.js';

const TIME = new Date(T0).toISOString();
const HALVES = ['"a\\ud800"', '"\\udc00b"', '"a\\u0000b"'];

/** A record of each kind with every field it may have, as JSON texts by field. */
const WHOLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'calls-json': {
    schemaVersion: '1',
    queue: '"q"',
    area: '"Vannes"',
    start: `"${TIME}"`,
    intervalSeconds: '900',
    offered: '9',
    answered: '8',
    abandoned: '1',
    handleSeconds: '180',
  },
  'tickets-json': {
    schemaVersion: '1',
    ticketId: '"T"',
    resourceId: '"A"',
    resourceType: '"site"',
    incidentId: '"inc"',
    repairAt: `"${TIME}"`,
    saidBy: '"team"',
    saidAt: `"${TIME}"`,
    state: '"open"',
  },
  'alarms-json': {
    schemaVersion: '1',
    alarmId: '"1"',
    objectType: '"cell"',
    objectId: '"A"',
    alarmType: '"EquipmentAlarm"',
    perceivedSeverity: '"major"',
    probableCause: '"power"',
    specificProblem: '"rectifier"',
    alarmRaisedTime: `"${TIME}"`,
    alarmClearedTime: `"${TIME}"`,
    serviceAffecting: 'true',
    additionalText: '"battery"',
    vendor: '"v"',
  },
  'presence-json': {
    schemaVersion: '1',
    subscriber: '"208011234567890"',
    cell: '"A"',
    time: `"${TIME}"`,
  },
};
const FIELDS = Object.entries(WHOLE).flatMap(([feed, record]) =>
  Object.entries(record).map(([field, json]) => ({ feed, field, json })),
);
const isText = (json: string): boolean => json.startsWith('"');
const isNumber = (json: string): boolean => /^\d/.test(json);

function decode(feed: CompiledFeed, json: string) {
  const context = recording();
  const decoder = createDecoder(feed, context);
  const outcome = decoder.payload(bytes(json));
  return { outcome, letters: context.letters, facts: decoder.take() };
}

function jsonOf(feed: string, changes: Readonly<Record<string, string>>): string {
  const members = Object.entries({ ...WHOLE[feed], ...changes });
  return `{${members.map(([field, json]) => `"${field}":${json}`).join()}}`;
}

describe('a record that no database can hold', () => {
  it.each(Object.keys(WHOLE))('is not the whole one of %s', async (name) => {
    const { outcome, letters } = decode(await shippedFeed(name), jsonOf(name, {}));
    expect([outcome.records, letters]).toEqual([1, []]);
  });

  it.each(FIELDS.filter(({ json }) => isNumber(json)))(
    'is one of $feed whose $field is 1e400 or -1e400',
    async ({ feed, field }) => {
      for (const number of ['1e400', '-1e400']) {
        const given = jsonOf(feed, { [field]: number });
        const { outcome, letters, facts } = decode(await shippedFeed(feed), given);
        expect([outcome.records, facts]).toEqual([0, []]);
        expect(letters).toMatchObject([
          { reason: 'record.invalid', detail: expect.stringContaining(field) },
        ]);
      }
    },
  );

  it.each(FIELDS.filter(({ json }) => isText(json)))(
    'is one of $feed whose $field holds half a surrogate pair or NUL',
    async ({ feed, field }) => {
      for (const text of HALVES) {
        const given = jsonOf(feed, { [field]: text });
        const { outcome, letters, facts } = decode(await shippedFeed(feed), given);
        expect([outcome.records, facts, letters.length]).toEqual([0, [], 1]);
        expect(letters[0]?.reason).toMatch(/^(record\.invalid|time\.unreadable)$/);
        expect(letters[0]?.detail).toContain(
          /^(objectId|cell|resourceId)$/.test(field) ? 'object' : field,
        );
      }
    },
  );
});

describe('a report that no database can hold', () => {
  const time = `"time":"${TIME}"`;

  it.each(HALVES)('is one of the object %s', (text) => {
    const { outcome, letters } = decode(smallFeed(), `{"cell":${text},"users":1,${time}}`);
    expect(outcome.records).toBe(0);
    expect(letters).toMatchObject([
      { reason: 'record.invalid', detail: expect.stringMatching(/^object .* half a surrogate/) },
    ]);
  });

  it.each(HALVES)('is a row of InfluxDB of the object %s', (text) => {
    const context = recording({ source: 'influx' });
    const decoder = createDecoder(smallLineFeed(), context);
    expect(decoder.record({ cell: JSON.parse(text), users: 1 }, T0)).toBe(false);
    expect(context.letters).toMatchObject([{ reason: 'record.invalid' }]);
    expect(decoder.take()).toEqual([]);
  });

  it('is a line whose tag spells half a pair in bytes', () => {
    const context = recording();
    const decoder = createDecoder(smallLineFeed(), context);
    const half = Buffer.from([0xed, 0xa0, 0x80]);
    const line = Buffer.concat([bytes('m,cell=A'), half, bytes(` users=1 ${T0}000000`)]);
    expect(decoder.payload(line).records).toBe(0);
    expect(context.letters).toMatchObject([{ reason: 'payload.invalidUtf8' }]);
  });

  it.each(['1e400', '-1e400'])('keeps the others when one KPI is %s', (number) => {
    const json = `{"cell":"A","users":${number},"mbps":3,${time}}`;
    const { outcome, letters } = decode(smallFeed(), json);
    expect(outcome.records).toBe(1);
    expect(letters).toMatchObject([{ reason: 'kpi.notANumber' }]);
  });

  it('has no counters that add up to more than a number holds', () => {
    const kpis = { setup: { successes: ['a', 'b'], attempts: ['a', 'b'] } };
    const json = `{"cell":"A","a":1.7e308,"b":1.7e308,${time}}`;
    const { letters, facts } = decode(smallFeed({ kpis }), json);
    expect(letters.map(({ reason }) => reason)).toEqual(['kpi.outOfRange', 'kpi.outOfRange']);
    expect(blocks(facts)[0]?.attempts).toEqual(new Float64Array([Number.NaN]));
  });
});
