import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../src/sources/decoder.js';
import {
  blocks,
  bytes,
  recording,
  row,
  shippedFeed,
  smallFeed,
  smallLineFeed,
  T0,
} from './decoding.js';

const TIME = '2026-01-01T00:00:00Z';

function decode(payload: unknown, feed = smallFeed(), context = recording()) {
  const decoder = createDecoder(feed, context);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const outcome = decoder.payload(bytes(text));
  return {
    outcome,
    block: blocks(decoder.take())[0],
    reasons: outcome.rejections.map((r) => r.reason),
  };
}

describe('createDecoder for JSON KPIs', () => {
  it('takes an object, an array, and one object per line', () => {
    const record = { time: TIME, cell: 'A', users: 1 };
    for (const [text, rows] of [
      [JSON.stringify(record), 1],
      [JSON.stringify([record, record]), 2],
      [`${JSON.stringify(record)}\n\n${JSON.stringify(record)}\n`, 2],
    ] as const) {
      expect(decode(text).block?.rows).toBe(rows);
    }
  });

  it('takes numbers as text, and empty text and null as absent', () => {
    const { block, reasons } = decode({ time: TIME, cell: 'A', users: ' 3 ', mbps: '', ok: null });
    expect(row(block, 0)).toEqual({ id: 'A', at: T0, users: 3 });
    expect(reasons).toEqual([]);
  });

  it('reads members by path', () => {
    const feed = smallFeed({
      time: { column: 'head.0.at' },
      object: { column: 'head.0.cell', type: 'cell' },
      kpis: { users: { column: 'a.b' }, throughput: { column: 'dotted.name' } },
    });
    const record = { head: [{ at: TIME, cell: 'A' }], a: { b: 4 }, 'dotted.name': 5 };
    expect(row(decode(record, feed).block, 0)).toEqual({
      id: 'A',
      at: T0,
      users: 4,
      throughput: 5,
    });
  });

  it('keeps ids as text byte for byte', () => {
    const ids = ['2.2265366483183206e+17', '007', ' A', 'é'];
    const { block } = decode(ids.map((cell) => ({ time: TIME, cell, users: 1 })));
    expect(block?.objectIds).toEqual(ids);
  });

  it('keeps what is good of an array and says which record was refused why', () => {
    const { outcome, block } = decode([
      { time: TIME, cell: 'A', users: 1 },
      7,
      { time: 'soon', cell: 'B', users: 1 },
      { time: TIME, users: 1 },
      { time: TIME, cell: 'C', users: -4, mbps: 1 },
    ]);
    expect(outcome.records).toBe(2);
    expect(outcome.refused).toBe(3);
    expect(outcome.rejections.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'payload.schema'],
      [2, 'time.unreadable'],
      [3, 'object.missing'],
      [4, 'kpi.negativeCount'],
    ]);
    expect(block?.objectIds).toEqual(['A', 'C']);
  });

  it.each([
    ['{"time":', ['payload.malformed']],
    ['', ['payload.malformed']],
    ['[{"users":1e400,"cell":"A","time":"2026-01-01T00:00:00Z"}]', ['kpi.notANumber']],
    ['{"users":NaN}', ['payload.malformed']],
    ['{"users":[1],"cell":"A","time":"2026-01-01T00:00:00Z"}', ['kpi.notANumber']],
    ['{"users":"12,5","cell":"A","time":"2026-01-01T00:00:00Z"}', ['kpi.notANumber']],
    ['{"users":1,"cell":"A\\u0000","time":"2026-01-01T00:00:00Z"}', ['record.invalid']],
    ['{"users":1,"cell":{},"time":"2026-01-01T00:00:00Z"}', ['object.missing']],
    ['{"cell":"A","time":"2026-01-01T00:00:00Z"}', ['kpi.none']],
    ['null', ['payload.schema']],
    ['[[]]', ['payload.schema']],
  ])('quarantines %s', (text, reasons) => expect(decode(text).reasons).toEqual(reasons));

  it('quarantines bytes that are not UTF-8 and keeps the lines around', () => {
    const decoder = createDecoder(smallFeed(), recording());
    const good = bytes(`${JSON.stringify({ time: TIME, cell: 'A', users: 1 })}\n`);
    const outcome = decoder.payload(Buffer.concat([good, Buffer.from([0x7b, 0xff, 0x0a]), good]));
    expect(outcome.rejections.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'payload.invalidUtf8'],
    ]);
    expect(decoder.pending).toBe(2);
  });

  it('resolves aliases at the time of the report and quarantines what the inventory lacks', () => {
    const context = recording({
      aliases: {
        resolve: (system, alias, atMs) =>
          system === 'oss' && alias === 'dn-1' ? (atMs < T0 ? 'old' : 'new') : undefined,
        isKnown: (type, id) => type === 'cell' && id === 'plain',
      },
    });
    const feed = smallFeed({ object: { column: 'cell', type: 'cell', system: 'oss' } });
    const { block, reasons } = decode(
      [
        { time: TIME, cell: 'dn-1', users: 1 },
        { time: '2025-01-01T00:00:00Z', cell: 'dn-1', users: 1 },
        { time: TIME, cell: 'plain', users: 1 },
        { time: TIME, cell: 'dn-2', users: 1 },
      ],
      feed,
      context,
    );
    expect(block?.objectIds).toEqual(['new', 'old', 'plain']);
    expect(reasons).toEqual(['object.unknown']);
    expect(context.letters[0]?.detail).toContain('dn-2');
  });

  it('puts times on the grid of periods in local time, from either end', () => {
    const feed = smallFeed({
      time: { column: 'time', marks: 'end', zone: 'Asia/Kolkata' },
      period: '1h',
    });
    const times = ['2026-01-01T10:00:00', '2026-01-01T10:00:07'];
    const { block } = decode(
      times.map((time) => ({ time, cell: 'A', users: 1 })),
      feed,
    );
    expect([...(block?.periodStartMs ?? [])].map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-01-01T03:30:00.000Z',
      '2026-01-01T03:30:00.000Z',
    ]);
  });

  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { outcome } = decode(value);
        expect(outcome.records + outcome.refused).toBeGreaterThanOrEqual(
          Array.isArray(value) ? value.length : 1,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('reads rows of InfluxDB through a feed of line protocol', () => {
    const decoder = createDecoder(smallLineFeed(), recording());
    expect(decoder.record({ cell: 'A', users: 2 }, T0)).toBe(true);
    expect(row(blocks(decoder.take())[0], 0)).toEqual({ id: 'A', at: T0, users: 2 });
  });
});

describe('createDecoder for alarms, presence and calls', () => {
  it('maps a vendor alarm: times, severity, empty fields, alias', async () => {
    const context = recording({
      aliases: { resolve: () => 'C7', isKnown: (type, id) => type === 'cell' && id === 'C7' },
    });
    const decoder = createDecoder(await shippedFeed('alarms-netact'), context);
    decoder.payload(
      bytes(
        JSON.stringify({
          alarmId: '328226801',
          alarmRaisedTime: '2025-9-10,14:18:14.0,+3:0',
          alarmClearedTime: '',
          alarmType: 'QUALITY_OF_SERVICE_ALARM',
          managedObjectClass: 'PLMN-PLMN/BSC-388042/BCF-600/BTS-601',
          perceivedSeverity: 'CRITICAL',
          probableCause: 'INDETERMINATE',
          specificProblem: '7767|BCCH MISSING',
          serviceAffecting: '',
        }),
      ),
    );
    expect(context.letters).toEqual([]);
    expect(decoder.take()).toEqual([
      {
        kind: 'alarms',
        items: [
          {
            alarmId: '328226801',
            objectId: 'C7',
            objectType: 'cell',
            alarmType: 'QUALITY_OF_SERVICE_ALARM',
            alarmRaisedTime: '2025-09-10T11:18:14.000Z',
            perceivedSeverity: 'critical',
            probableCause: 'INDETERMINATE',
            specificProblem: '7767',
          },
        ],
      },
    ]);
  });

  it.each([
    ['alarms-json', { objectId: 'A', perceivedSeverity: 'bad' }, 'record.invalid'],
    ['alarms-json', { objectId: 'A', surprise: 1 }, 'record.invalid'],
    ['alarms-json', {}, 'object.missing'],
    ['alarms-json', { objectId: 'A', alarmRaisedTime: 'soon' }, 'time.unreadable'],
    ['presence-json', { subscriber: '208011234567890', time: TIME }, 'object.missing'],
    ['presence-json', { subscriber: 'x', cell: 'A', time: TIME }, 'record.invalid'],
    [
      'calls-json',
      { queue: 'q', start: TIME, intervalSeconds: 900, offered: -1 },
      'record.invalid',
    ],
    [
      'calls-json',
      { queue: 'q', media: 'fax', start: TIME, intervalSeconds: 900, offered: 1 },
      'record.invalid',
    ],
    [
      'calls-json',
      { queue: 'q\0', start: TIME, intervalSeconds: 900, offered: 1 },
      'record.invalid',
    ],
  ])('%s quarantines %j as %s', async (name, record, reason) => {
    const { reasons } = decode(record, await shippedFeed(name));
    expect(reasons).toEqual([reason]);
  });

  it.each([
    ['calls-json', 'offered', '1e400'],
    ['calls-json', 'offered', '1e300'],
    ['calls-json', 'handleSeconds', '-1e400'],
    ['calls-json', 'queue', '"half \\ud800 pair"'],
    ['alarms-json', 'specificProblem', '"half \\udc00 pair"'],
  ])('%s lets no %s of %s through, which would stop every decision', async (name, key, json) => {
    const fields = name.startsWith('calls')
      ? { queue: '"q"', start: `"${TIME}"`, intervalSeconds: '900', offered: '1', [key]: json }
      : { objectId: '"A"', alarmId: '"1"', perceivedSeverity: '"major"', [key]: json };
    const text = Object.entries(fields).map(([field, value]) => `"${field}":${value}`);
    const { reasons, outcome } = decode(`{${text.join()}}`, await shippedFeed(name));
    expect(reasons).toEqual(['record.invalid']);
    expect(outcome.records).toBe(0);
  });

  it('takes trouble tickets as TMF621 has them', async () => {
    const ticket = {
      id: '4711',
      status: 'inProgress',
      creationDate: TIME,
      expectedResolutionDate: '2026-01-01T06:00:00+01:00',
      relatedEntity: [{ id: 'A', '@referredType': 'Site' }],
      relatedParty: [{ name: 'field team', role: 'assignee' }],
    };
    const decoder = createDecoder(await shippedFeed('tickets-tmf621'), recording());
    decoder.record(ticket);
    expect(decoder.take()).toEqual([
      {
        kind: 'tickets',
        items: [
          {
            ticketId: '4711',
            resourceId: 'A',
            repairAt: '2026-01-01T05:00:00.000Z',
            saidBy: 'field team',
            saidAt: '2026-01-01T00:00:00.000Z',
            state: 'open',
          },
        ],
      },
    ]);
  });

  it('makes contacts of another media a queue of their own, whatever the case', async () => {
    const decoder = createDecoder(await shippedFeed('calls-json'), recording());
    const call = { queue: 'care', start: TIME, intervalSeconds: 60, offered: 2 };
    decoder.record({ ...call, media: 'Chat', ivrOffered: '9', ivrContained: 4 });
    decoder.record({ ...call, queue: 'care (chat)', media: 'chat' });
    decoder.record({ ...call, media: 'voice' });
    const [fact] = decoder.take();
    expect(fact?.kind === 'calls' && fact.items).toMatchObject([
      { queue: 'care (chat)', media: 'chat', ivrOffered: 9, ivrContained: 4 },
      { queue: 'care (chat)' },
      { queue: 'care' },
    ]);
  });

  it('tells single calls from totals, in our words and mapped', () => {
    const own = createDecoder(smallFeed({ kind: 'calls' }), recording());
    own.record({ queue: 'care', time: TIME, media: 'chat', outcome: 'answered' });
    own.record({ queue: 'care', start: TIME, intervalSeconds: 60, offered: 3 });
    expect(own.record({ queue: 'care', time: TIME, outcome: 'lost' })).toBe(false);
    expect(own.take().map(({ kind }) => kind)).toEqual(['calls', 'singleCalls']);
    expect(own.take()).toEqual([]);
    const fields = { queue: 'q', time: 't', callId: 'id', handleSeconds: 'aht' };
    const mapped = createDecoder(smallFeed({ kind: 'calls', period: '30m', fields }), recording());
    mapped.record({ q: 'main', t: TIME, id: 12, aht: '180' });
    expect(mapped.take()).toEqual([
      {
        kind: 'singleCalls',
        items: [
          { queue: 'main', time: '2026-01-01T00:00:00.000Z', callId: '12', handleSeconds: 180 },
        ],
      },
    ]);
  });

  it('takes the interval of calls from the feed where records say none', () => {
    const feed = smallFeed({
      kind: 'calls',
      period: '30m',
      fields: { queue: 'q', start: 't', offered: 'n' },
    });
    const decoder = createDecoder(feed, recording());
    decoder.record({ q: 'main', t: TIME, n: '12' });
    expect(decoder.take()).toEqual([
      {
        kind: 'calls',
        items: [
          { queue: 'main', start: '2026-01-01T00:00:00.000Z', offered: 12, intervalSeconds: 1800 },
        ],
      },
    ]);
  });
});
