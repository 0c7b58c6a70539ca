import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Fact } from '../../src/domain/facts.js';
import type { CompiledFeed } from '../../src/sources/compiled-feed.js';
import { readFeedFile } from '../../src/sources/file-source.js';
import { blocks, recording, row, shippedFeed, smallFeed, smallLineFeed, T0 } from './decoding.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: string | Buffer, feed: CompiledFeed, name = 'given') {
  const path = join(folder, name);
  writeFileSync(path, content);
  const context = recording();
  const facts: Fact[] = [];
  for await (const fact of readFeedFile(path, feed, context)) facts.push(fact);
  return { facts, blocks: blocks(facts), letters: context.letters, path };
}

const csv = smallFeed({ format: 'csv', delimiter: ';' });
const HEADER = 'time;cell;ok;tried;users;mbps';

describe('readFeedFile', () => {
  it.each([
    ['plain', (text: string) => text],
    ['gzip', (text: string) => gzipSync(text)],
    ['with a byte-order mark', (text: string) => `\ufeff${text}`],
    ['with CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('reads CSV %s', async (_name, wrap) => {
    const text = `${HEADER}\n2026-01-01T00:00:00Z;A;9;10;3;\n2026-01-01T00:15:00Z;"B;2";;;4;5\n`;
    const { blocks: found, letters } = await read(wrap(text), csv);
    expect(letters).toEqual([]);
    expect([row(found[0], 0), row(found[0], 1)]).toEqual([
      { id: 'A', at: T0, setup: 0.9, 'setup.attempts': 10, users: 3 },
      { id: 'B;2', at: T0 + 900_000, users: 4, throughput: 5 },
    ]);
  });

  it('quarantines bad rows with file and row and keeps the others', async () => {
    const good = '2026-01-01T00:00:00Z;A;;;1;';
    const rows = [good, '2026-01-01T00:00:00Z;A;1', 'never;A;;;1;', good, `${good}NaN`];
    const { blocks: found, letters, path } = await read([HEADER, ...rows].join('\n'), csv);
    expect(found[0]?.rows).toBe(3);
    expect(letters.map(({ reason, detail }) => [reason, detail.split(':')[0]])).toEqual([
      ['payload.malformed', path],
      ['time.unreadable', `${path} row 3`],
      ['kpi.notANumber', `${path} row 5`],
    ]);
    expect(letters[2]?.payload).toBe('2026-01-01T00:00:00Z;A;;;1;NaN');
  });

  it('quarantines rows whose bytes are not UTF-8', async () => {
    const text = Buffer.from(`${HEADER}\n2026-01-01T00:00:00Z;\u00e9A;;;1;\n`, 'latin1');
    const { blocks: found, letters } = await read(text, csv);
    expect(found).toEqual([]);
    expect(letters[0]?.detail).toContain('not UTF-8');
  });

  it('survives a quote that is never closed', async () => {
    const text = `${HEADER}\n2026-01-01T00:00:00Z;A;;;1;\n2026-01-01T00:00:00Z;"B;;;1;\n`;
    const { blocks: found, letters } = await read(text, csv);
    expect(found[0]?.objectIds).toEqual(['A']);
    expect(letters.map((letter) => letter.reason)).toEqual(['payload.malformed']);
  });

  it('says once that a KPI column is missing, and refuses a file without time or object', async () => {
    const { blocks: found, letters } = await read('time;cell;users\n2026-01-01;A;1', csv);
    expect(row(found[0], 0)).toEqual({ id: 'A', at: T0, users: 1 });
    expect(letters.map(({ reason }) => reason)).toEqual(Array(3).fill('column.missing'));
    await expect(read('time;users\n2026-01-01;1', csv)).rejects.toMatchObject({
      code: 'input.file',
      message: expect.stringContaining('column cell of feed small is missing') as string,
    });
    await expect(read('', csv)).rejects.toMatchObject({ code: 'input.file' });
  });

  it('hands over blocks of about 4,096 rows in file order', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `2026-01-01T00:00:00Z;C${i};;;1;`);
    const { blocks: found } = await read([HEADER, ...rows].join('\n'), csv);
    expect(found.map((block) => block.rows)).toEqual([4096, 4096, 1808]);
    expect(found[2]?.objectIds.at(-1)).toBe('C9999');
  });

  it('reads NDJSON and a JSON array alike, with the place of what is refused', async () => {
    const alarms = ['A', 'B', 'C'].map((objectId, i) => ({
      alarmId: String(i),
      objectId,
      perceivedSeverity: i === 1 ? 'loud' : 'major',
      probableCause: 'x',
      alarmRaisedTime: '2026-01-01T00:00:00Z',
    }));
    const feed = await shippedFeed('alarms-json');
    const lines = await read(alarms.map((alarm) => JSON.stringify(alarm)).join('\n'), feed);
    const array = await read(JSON.stringify(alarms, null, 1), feed);
    expect(lines.facts).toEqual(array.facts);
    expect(lines.facts[0]).toMatchObject({
      kind: 'alarms',
      items: [{ objectId: 'A' }, { objectId: 'C' }],
    });
    expect(lines.letters[0]?.detail).toContain(`${lines.path}:2: `);
  });

  it('reads presence from CSV', async () => {
    const feed = smallFeed({ format: 'csv', kind: 'presence' });
    const text = 'subscriber,cell,time\n208011234567890,A,2026-01-01T00:00:00Z\n1,A,now\n';
    const { facts, letters } = await read(text, feed);
    expect(facts).toEqual([
      {
        kind: 'presence',
        items: [{ subscriber: '208011234567890', cell: 'A', time: '2026-01-01T00:00:00.000Z' }],
      },
    ]);
    expect(letters.map(({ reason }) => reason)).toEqual(['time.unreadable']);
  });

  it('reads line protocol over the seams of reads', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `m,cell=C${i} users=1 ${T0}000000`);
    const { blocks: found, letters } = await read(gzipSync(lines.join('\n')), smallLineFeed());
    expect(letters).toEqual([]);
    expect(found.reduce((sum, block) => sum + block.rows, 0)).toBe(30_000);
  });

  it('names a file that cannot be read', async () => {
    const path = join(folder, 'absent.csv');
    const reading = readFeedFile(path, csv, recording()).next();
    await expect(reading).rejects.toMatchObject({
      code: 'input.file',
      message: expect.stringContaining(path) as string,
    });
    const cut = gzipSync('x'.repeat(10_000)).subarray(0, 30);
    await expect(read(cut, csv)).rejects.toMatchObject({ code: 'input.file' });
  });
});
