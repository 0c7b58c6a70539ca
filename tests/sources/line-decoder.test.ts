import { Point } from '@influxdata/influxdb-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineDecoder } from '../../src/sources/line-decoder.js';
import { blocks, bytes, recording, row, smallLineFeed, T0 } from './decoding.js';

const NS = `${T0}000000`;

function decode(text: string | Uint8Array, context = recording()) {
  const decoder = new LineDecoder([smallLineFeed()], context);
  const outcome = decoder.payload(typeof text === 'string' ? bytes(text) : text, 'ns');
  const block = blocks(decoder.take())[0];
  return { outcome, block, letters: context.letters };
}

describe('LineDecoder', () => {
  it('reads tags, fields and time into a row', () => {
    const { block, outcome } = decode(`m,cell=A,x=y ok=9i,tried=10i,users=3.5,mbps=20 ${NS}\n`);
    expect(row(block, 0)).toEqual({
      id: 'A',
      at: T0,
      setup: 0.9,
      'setup.attempts': 10,
      users: 3.5,
      throughput: 20,
    });
    expect(outcome).toEqual({ records: 1, refused: 0, rejections: [] });
  });

  it.each([
    ['ns', '1767225600123456789'],
    ['us', '1767225600123456'],
    ['ms', '1767225600123'],
    ['s', '1767225600'],
  ] as const)('takes time in %s down to the period', (precision, time) => {
    const decoder = new LineDecoder([smallLineFeed()], recording());
    decoder.payload(bytes(`m,cell=A users=1 ${time}`), precision);
    expect(row(blocks(decoder.take())[0], 0).at).toBe(T0);
  });

  it('reads what the official client writes, whatever ids, keys and numbers hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter(isWritable);
    fc.assert(
      fc.property(
        text,
        fc.dictionary(text, text, { maxKeys: 3 }),
        fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0')),
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.nat(1000),
        (id, tags, remark, mbps, tried) => {
          const point = new Point('m').tag('cell', id).timestamp(NS);
          for (const [key, value] of Object.entries(tags))
            if (key !== 'cell') point.tag(key, value);
          point.stringField('remark', remark).floatField('mbps', mbps);
          point.intField('tried', tried).intField('ok', tried);
          const line = point.toLineProtocol() ?? '';
          const { block, letters } = decode(`# c\n\n${line}\r\n${line}`);
          expect(letters).toEqual([]);
          expect(block?.rows).toBe(2);
          expect(row(block, 1)).toMatchObject({ id, at: T0, throughput: mbps });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws and never loses a good line, whatever stands on the lines around it', () => {
    const junk = fc
      .string({ unit: fc.constantFrom(...'m,= \\"#i1a.-é\0\t'), maxLength: 40 })
      .filter((line) => !line.includes('"'));
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 6 }), fc.nat(6), (lines, at) => {
        const all = [...lines];
        all.splice(Math.min(at, all.length), 0, `m,cell=good users=7 ${NS}`);
        const { block } = decode(all.join('\n'));
        const ids = block?.objectIds ?? [];
        expect(row(block, ids.lastIndexOf('good'))).toMatchObject({ id: 'good', users: 7 });
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const { outcome, letters } = decode(noise);
        expect(letters.length).toBeGreaterThanOrEqual(outcome.refused);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [',cell=A users=1', 'missing measurement'],
    ['m,cell=A', 'missing fields'],
    ['m,cell=A ', 'missing fields'],
    ['m,=A users=1', 'missing tag key'],
    ['m,cell= users=1', 'missing tag value'],
    ['m,cell users=1', 'missing tag value'],
    ['m,cell=A=B users=1', 'invalid tag format'],
    ['m,cell=A =1', 'missing field key'],
    ['m,cell=A users', 'missing field value'],
    ['m,cell=A users=', 'missing field value'],
    ['m,cell=A remark="open', 'unbalanced quotes'],
    ['m,cell=A remark="x"y', 'invalid field format'],
    ['m,cell=A users=1 12x', 'bad timestamp'],
    ['m,cell=A users=1 1 2', 'bad timestamp'],
  ])("refuses '%s' in InfluxDB's words", (line, problem) => {
    const { outcome, block } = decode(`${line}\nm,cell=B users=2 ${NS}`);
    expect(outcome).toMatchObject({ records: 1, refused: 1 });
    expect(outcome.rejections[0]?.detail).toBe(`unable to parse '${line}': ${problem}`);
    expect(block?.objectIds).toEqual(['B']);
  });

  it.each([
    ['users=NaN', 'kpi.notANumber'],
    ['users=1e400', 'kpi.notANumber'],
    ['users="12"', 'kpi.notANumber'],
    ['users=true', 'kpi.notANumber'],
    ['users=1.5i', 'kpi.notANumber'],
    ['users=-1u', 'kpi.notANumber'],
    ['users=-1', 'kpi.negativeCount'],
    ['users=1001', 'kpi.outOfRange'],
    ['ok=3,tried=2', 'kpi.successesAboveAttempts'],
    ['ok=-1,tried=2', 'kpi.negativeCount'],
  ])('refuses %s alone and keeps the rest of the line', (field, reason) => {
    const { block, outcome, letters } = decode(`m,cell=A ${field},mbps=9 ${NS}`);
    expect(outcome.rejections.map((each) => each.reason)).toEqual([reason]);
    expect(row(block, 0)).toEqual({ id: 'A', at: T0, throughput: 9 });
    expect(String(Buffer.from(letters[0]?.payload as Uint8Array))).toBe(
      `m,cell=A ${field},mbps=9 ${NS}`,
    );
  });

  it('counts attempts of zero as a report without a ratio', () => {
    expect(row(decode(`m,cell=A ok=0,tried=0 ${NS}`).block, 0)).toEqual({
      id: 'A',
      at: T0,
      'setup.attempts': 0,
    });
  });

  it.each([
    [`other,cell=A users=1 ${NS}`, 'feed.unknown'],
    [`m,zone=A users=1 ${NS}`, 'object.missing'],
    [`m,cell=A other=1 ${NS}`, 'kpi.none'],
    ['m,cell=A users=1', 'time.unreadable'],
    ['m,cell=A users=1 99999999999999999999', 'time.unreadable'],
  ])('quarantines %s as %s', (line, reason) => {
    expect(decode(line).letters.map((letter) => letter.reason)).toEqual([reason]);
  });

  it('quarantines only the line that is not UTF-8', () => {
    const broken = Buffer.concat([
      bytes('m,cell='),
      Buffer.from([0xff, 0xfe]),
      bytes(' users=1 1\n'),
    ]);
    const { block, letters } = decode(Buffer.concat([broken, bytes(`m,cell=B users=2 ${NS}`)]));
    expect(letters.map((letter) => letter.reason)).toEqual(['payload.invalidUtf8']);
    expect(block?.objectIds).toEqual(['B']);
  });

  it('holds live lines to the clock and gives those without a time the present', () => {
    const context = recording({ live: { now: () => T0 } });
    const at = (ms: number): string => `${ms}000000`;
    const { block } = decode(
      [
        'm,cell=now users=1',
        `m,cell=ahead users=1 ${at(T0 + 600_000)}`,
        `m,cell=future users=1 ${at(T0 + 601_000)}`,
        `m,cell=late users=1 ${at(T0 - 269 * 86_400_000)}`,
        `m,cell=old users=1 ${at(T0 - 300 * 86_400_000)}`,
        `m,cell=year users=1 ${at(T0 - 365 * 86_400_000)}`,
      ].join('\n'),
      context,
    );
    expect(block?.objectIds).toEqual(['now', 'ahead', 'late']);
    const reasons = ['time.future', 'time.tooOld', 'time.tooOld'];
    expect(context.letters.map((letter) => letter.reason)).toEqual(reasons);
  });

  it('sorts lines to feeds by measurement', () => {
    const context = recording();
    const other = { ...smallLineFeed({ measurement: 'n' }), name: 'other' };
    const decoder = new LineDecoder([smallLineFeed(), other], context);
    decoder.payload(
      bytes(`m,cell=A users=1 ${NS}\nn,cell=B users=2 ${NS}\nm,cell=C users=3 ${NS}`),
      'ns',
    );
    expect(blocks(decoder.take()).map((block) => [block.feed, block.objectIds])).toEqual([
      ['small', ['A', 'C']],
      ['other', ['B']],
    ]);
  });

  it('counts every refusal of a flood but describes only the first', () => {
    const { outcome, letters } = decode('x\n'.repeat(5000));
    expect(outcome.refused).toBe(5000);
    expect(letters).toHaveLength(5000);
    expect(outcome.rejections).toHaveLength(100);
    expect(letters.at(-1)?.payload).toBe('');
  });
});

/** What line protocol itself cannot carry: NUL, line breaks and backslashes in tags. */
function isWritable(text: string): boolean {
  return !/[\0\n\r\t\\]/.test(text);
}
