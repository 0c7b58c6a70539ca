import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, TocsinError } from '../domain/errors.js';

const NEWLINE = 0x0a;
/** Longest line that is read; what is longer is no report. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Opens a file for reading, unpacking gzip (known by its first two bytes).
 * @throws TocsinError `input.file` when it cannot be opened
 */
export async function openInput(path: string): Promise<Readable> {
  const head = Buffer.alloc(2);
  try {
    const file = await open(path);
    try {
      await file.read(head, 0, 2, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  if (head.readUInt16BE() !== 0x1f8b) return source;
  const gunzip = createGunzip();
  // The reader sees a failure of either through `gunzip`, which pipeline destroys with it.
  pipeline(source, gunzip).catch(() => undefined);
  return gunzip;
}

/** The failure to read a file, as the person who named it sees it. */
export function unreadable(path: string, cause: unknown): TocsinError {
  return new TocsinError('input.file', `${path}: cannot be read: ${messageOf(cause)}`, { cause });
}

/**
 * A file in pieces that end where a line ends, each with the number of its first line, from 1.
 * @param lineByLine whether each piece is one line; else pieces are as large as reads are
 * @throws TocsinError `input.file` when reading fails
 */
export async function* linePieces(
  path: string,
  lineByLine: boolean,
): AsyncGenerator<{ readonly bytes: Buffer; readonly line: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  const source = await openInput(path);
  try {
    for await (const chunk of source) {
      const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk as Buffer]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end === 0 && bytes.length > MAX_LINE_BYTES) {
        throw new Error(`line ${line} is longer than ${MAX_LINE_BYTES} bytes`);
      }
      rest = bytes.subarray(end);
      const whole = bytes.subarray(0, end);
      if (!lineByLine) {
        if (end > 0) yield { bytes: whole, line };
        line += countNewlines(whole);
        continue;
      }
      for (let from = 0; from < end; line++) {
        const newline = whole.indexOf(NEWLINE, from);
        yield { bytes: whole.subarray(from, newline), line };
        from = newline + 1;
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    source.destroy();
  }
  if (rest.length > 0) yield { bytes: rest, line };
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
