import type { StoredPoint } from './influx2-csv.js';

/** Nanoseconds of each unit that a write may be in. */
export const PRECISIONS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
]);

const MEASUREMENT = /^(?:\\.|[^\\, ])+/;
const TAG = /^,((?:\\.|[^\\,= ])+)=((?:\\.|[^\\,= ])+)/;
const FIELD = /^((?:\\.|[^\\,= "])+)=("(?:\\.|[^\\"])*"|[^," ]+)(,(?=[^ ,])|(?= |$))/;
const FLOAT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const INTEGER = /^(-?\d+)i$|^(\d+)u$/;
const BOOLEAN = /^(?:t|true|f|false)$/i;
const INT64 = 2n ** 63n;

/**
 * Reads one line of line protocol.
 * @param unit nanoseconds of the time's unit
 * @throws Error in the words of the real server for a line that it refuses
 */
export function parseLine(line: string, unit: bigint): StoredPoint {
  const fail = (why: string): never => {
    throw new Error(`unable to parse '${line}': ${why}`);
  };
  const [measurement = ''] = MEASUREMENT.exec(line) ?? [];
  if (measurement === '') fail('missing measurement');
  let rest = line.slice(measurement.length);
  const tags: [string, string][] = [];
  for (let tag = TAG.exec(rest); tag !== null; tag = TAG.exec(rest)) {
    tags.push([unescaped(tag[1] ?? ''), unescaped(tag[2] ?? '')]);
    rest = rest.slice(tag[0].length);
  }
  if (rest.startsWith(',')) fail(rest.includes('=') ? 'missing tag value' : 'missing tag key');
  rest = rest.trimStart();
  if (rest === '') fail('missing fields');
  const fields: [string, StoredPoint['fields'][string]][] = [];
  for (let isMore = true; isMore; ) {
    const field = FIELD.exec(rest);
    if (field === null)
      return fail(rest.includes('=') ? 'missing field value' : 'invalid field format');
    fields.push([unescaped(field[1] ?? ''), numberOf(field[2] ?? '', fail)]);
    isMore = field[3] === ',';
    rest = rest.slice(field[0].length);
  }
  const time = rest.trim();
  if (!/^(?:-?\d+)?$/.test(time)) fail('bad timestamp');
  return {
    measurement: unescaped(measurement),
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
    timeMs: time === '' ? Date.now() : Number((BigInt(time) * unit) / 1_000_000n),
  };
}

function numberOf(text: string, fail: (why: string) => never): StoredPoint['fields'][string] {
  const whole = INTEGER.exec(text);
  const digits = whole?.[1] ?? whole?.[2];
  if (digits !== undefined) {
    const value = BigInt(digits);
    const most = whole?.[1] === undefined ? 2n * INT64 : INT64;
    if (value >= most || value < -INT64) return fail('value out of range');
    return { isWhole: true, value: Number(value) };
  }
  if (FLOAT.test(text) && Number.isFinite(Number(text))) {
    return { isWhole: false, value: Number(text) };
  }
  if (text.startsWith('"') || BOOLEAN.test(text)) {
    throw new Error('the contract server keeps numbers only; the real one keeps this too');
  }
  return fail(/^[-+.\d]/.test(text) ? 'invalid number' : 'invalid boolean');
}

function unescaped(text: string): string {
  return text.replace(/\\([, =])/g, '$1');
}
