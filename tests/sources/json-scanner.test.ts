import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Feed } from '../../src/domain/feed.js';
import type { Decoder } from '../../src/sources/decode.js';
import { createDecoder } from '../../src/sources/decoder.js';
import { compileFeed } from '../../src/sources/feed-loader.js';
import { jsonPlan } from '../../src/sources/json-plan.js';
import { JsonScanner } from '../../src/sources/json-scanner.js';

const KPI = { kind: 'gauge', unit: 'x', bad: 'low' } as const;
const FEED: Feed = {
  format: 'json',
  kind: 'kpi',
  time: { column: 'time' },
  period: '15m',
  object: { column: 'cell', type: 'cell' },
  kpis: {
    a: { ...KPI, column: 'a' },
    b: { ...KPI, column: 'b', range: [-5, 1000] },
    ratio: { kind: 'ratio', unit: 'x', bad: 'low', successes: 'c.ok', attempts: 'c.all' },
  },
};
const feed = compileFeed(FEED, 'scanner-test', { version: 1, kpis: {} });

function decoder(): { decoder: Decoder; reasons: string[] } {
  const reasons: string[] = [];
  const context = {
    aliases: { resolve: () => undefined, isKnown: () => true },
    deadLetters: { record: ({ reason }: { reason: string }) => reasons.push(reason) },
    source: 'kafka',
  } as const;
  return { decoder: createDecoder(feed, context), reasons };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Decoding each text must give what decoding its parsed form gives. */
function expectSame(texts: readonly string[]): void {
  const scanned = decoder();
  const parsed = decoder();
  for (const text of texts) {
    const record = parse(text);
    if (record === null || typeof record !== 'object' || Array.isArray(record)) continue;
    scanned.decoder.payload(Buffer.from(text));
    parsed.decoder.record(record);
    expect(scanned.reasons).toEqual(parsed.reasons);
    expect(scanned.decoder.take()).toEqual(parsed.decoder.take());
  }
}

const TIME = '"time":"2024-01-15T00:00:00Z"';

test.each([
  ['a plain record', `{"cell":"x",${TIME},"a":1.5,"b":-2,"c":{"ok":3,"all":4}}`],
  ['white space', `\n { "cell" : "x" ,\t${TIME} , "a" :1\r\n}  `],
  ['members nobody reads', `{"z":[1,{"y":[]}],"q":{},"cell":"x",${TIME},"a":1,"t":true,"s":"u"}`],
  ['null and absent', `{"cell":"x",${TIME},"a":null,"c":{"ok":3}}`],
  ['escapes', `{"cell":"x\\u0041\\n",${TIME},"\\u0061":4,"b":1}`],
  ['other alphabets', `{"cell":"cellule-é",${TIME},"a":1}`],
  ['numbers as text', `{"cell":"x",${TIME},"a":"12.5","b":" "}`],
  ['exponents', `{"cell":"x",${TIME},"a":1e-3,"b":-1.25E+2}`],
  ['too many digits', `{"cell":"x",${TIME},"a":0.1234567890123456789,"b":12345678901234567890}`],
  ['1e400', `{"cell":"x",${TIME},"a":1e400,"b":1}`],
  ['minus zero', `{"cell":"x",${TIME},"a":-0,"b":-0.0}`],
  [
    'a member given twice',
    `{"cell":"x","cell":"y",${TIME},"a":1,"a":null,"c":{"ok":1},"c":{"all":2}}`,
  ],
  ['a dotted member beside its path', `{"cell":"x",${TIME},"c.ok":1,"c":{"ok":2,"all":2}}`],
  ['a number for an id', `{"cell":12,${TIME},"a":1}`],
  ['an object for a number', `{"cell":"x",${TIME},"a":{"b":1},"b":[1],"c":7}`],
  ['no time', '{"cell":"x","a":1}'],
  ['no id', `{${TIME},"a":1}`],
  ['nothing of the feed', `{"cell":"x",${TIME},"q":1}`],
  ['nothing', '{}'],
])('reads %s as a whole parse does', (_, text) => {
  expectSame([text, text, text]);
});

test.each([
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":01}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1.}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":.5}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":+1}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1e}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":-}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1,}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1}}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1',
  '{"cell":"x""time":"2024-01-15T00:00:00Z","a":1}',
  '{"cell":"x\t","time":"2024-01-15T00:00:00Z","a":1}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1,"z":[1,2}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1,"z":nul}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z","a":1 "b":2}',
  '{"cell":"x","time":"2024-01-15T00:00:00Z",\'a\':1}',
])('refuses %s, also after a good record of that form', (bad) => {
  const { decoder: tested, reasons } = decoder();
  tested.payload(Buffer.from('{"cell":"x","time":"2024-01-15T00:00:00Z","a":1}'));
  tested.payload(Buffer.from('{"cell":"x","time":"2024-01-15T00:00:00Z","a":1,"z":[1,2]}'));
  tested.payload(Buffer.from(bad));
  expect(tested.pending).toBe(2);
  expect(reasons).toEqual(['payload.malformed']);
});

test('agrees with JSON.parse on any record, in any order, and on any broken one', () => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
    { weight: 6, arbitrary: fc.integer({ min: -2000, max: 2000 }).map(String) },
    fc.constantFrom(
      'null',
      'true',
      'false',
      '""',
      '"5"',
      '[]',
      '{}',
      '1E5',
      '1e999',
      '007',
      '-',
      '',
    ),
    fc.json(),
  );
  const name = fc.constantFrom('cell', 'time', 'a', 'b', 'c', 'c.ok', 'z', 'c.all', '');
  const blank = fc.constantFrom('', '', '', ' ', '\t', '\r', '  ');
  const inner = fc
    .array(fc.tuple(fc.constantFrom('ok', 'all', 'x'), value), { maxLength: 3 })
    .map((members) => `{${members.map(([key, text]) => `"${key}":${text}`).join(',')}}`);
  const member = fc.oneof(
    fc.constant('"cell":"x-1"'),
    fc.constant(TIME),
    fc.tuple(fc.constant('c'), inner).map(([key, text]) => `"${key}":${text}`),
    fc.tuple(name, blank, value, blank).map(([key, p, text, q]) => `"${key}"${p}:${q}${text}${p}`),
  );
  const record = fc
    .tuple(fc.array(member, { maxLength: 7 }), blank)
    .map(([members, p]) => `${p}{${p}${members.join(`,${p}`)}}${p}`);
  const damaged = fc
    .tuple(record, fc.nat(), fc.constantFrom('', ',', '"', '}', '0', '.', ' ', '\\', 'é'))
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + (at % 2));
    });
  fc.assert(
    fc.property(fc.array(fc.oneof(record, damaged), { maxLength: 6 }), (texts) => {
      expectSame(texts.flatMap((text) => [text, text]));
      const plan = jsonPlan(feed);
      const scanner = plan && new JsonScanner(plan, feed.columns.length);
      for (const text of texts) {
        if (scanner?.scan(Buffer.from(text))) expect(parse(text)).toBeDefined();
      }
    }),
    { numRuns: 500, seed: 11 },
  );
});

test('never reads beyond a record that ends its buffer', () => {
  const plan = jsonPlan(feed);
  const scanner = plan && new JsonScanner(plan, feed.columns.length);
  const whole = new TextEncoder().encode(`{"cell":"x",${TIME},"a":-12.5}`);
  expect(scanner?.scan(whole)).toBe(true);
  for (let end = 0; end < whole.length; end++)
    expect(scanner?.scan(whole.slice(0, end))).toBe(false);
});

test('reads a form that it knows without parsing it anew', () => {
  const plan = jsonPlan(feed);
  const scanner = plan && new JsonScanner(plan, feed.columns.length);
  const bytes = (a: string) => Buffer.from(`{"cell":"x",${TIME},"a":${a},"c":{"all":9}}`);
  expect(scanner?.scan(bytes('1'))).toBe(true);
  expect(scanner?.scan(bytes('-20.25'))).toBe(true);
  expect([...(scanner?.values ?? [])]).toEqual([-20.25, Number.NaN, Number.NaN, 9]);
  expect(scanner?.columnsSeen).toBe(2);
});
