import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** What a column can hold; null is NULL. Times go as ISO 8601 text. */
export type CopyValue = string | number | boolean | Buffer | readonly string[] | null;

const BATCH = 1 << 18;

/**
 * Streams rows into a table by COPY, text format, inside the caller's transaction.
 * @param columns those the rows hold, in order; default: all of the table
 * @returns rows written
 */
export async function copyInto(
  client: pg.ClientBase,
  table: string,
  rows: Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>,
  columns?: readonly string[],
): Promise<number> {
  const list = columns === undefined ? '' : ` (${columns.join(', ')})`;
  const stream = client.query(copyFrom(`copy ${table}${list} from stdin`));
  let failure: unknown;
  const finished = new Promise<void>((done) => {
    stream.once('finish', done);
    stream.once('error', (error) => {
      failure = error;
      done();
    });
  });
  let count = 0;
  let batch = '';
  try {
    for await (const row of rows) {
      batch += `${row.map(copyText).join('\t')}\n`;
      count++;
      if (batch.length < BATCH) continue;
      if (!stream.write(batch) && failure === undefined) {
        // `once` rejects with the stream's error, which `finished` has heard too and is thrown below.
        await Promise.race([once(stream, 'drain').catch(() => undefined), finished]);
      }
      batch = '';
      if (failure !== undefined) break;
    }
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    await finished;
    throw error;
  }
  if (failure === undefined) stream.end(batch);
  await finished;
  if (failure !== undefined) throw failure;
  return count;
}

function copyText(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return escapeText(arrayText(value as readonly string[]));
}

const SPECIAL = /[\\\n\r\t]/;

function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

function arrayText(items: readonly string[]): string {
  const quoted = items.map((item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `{${quoted.join(',')}}`;
}
