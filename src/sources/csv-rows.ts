import { isAscii } from 'node:buffer';
import { Transform } from 'node:stream';
import { type Options, parse } from 'csv-parse';
import { openInput, unreadable } from './input-file.js';

/** Longest row that is read: an unclosed quote would otherwise swallow the rest of the file. */
const MAX_ROW_BYTES = 1024 * 1024;

/** Told of a piece of the file that is no row. */
export type BadRow = (detail: string, raw: string) => void;

/** What a CSV file holds: its header, then its rows as text in the header's order. */
export interface CsvRows {
  readonly header: readonly string[];
  /** Rows with their number from 1, the header not counted. */
  readonly rows: AsyncGenerator<{ readonly row: readonly string[]; readonly number: number }>;
}

/**
 * Opens a CSV file (RFC 4180, any delimiter, byte-order mark and gzip allowed). Rows with another
 * number of fields than the header, or broken quotes, are told to `bad` and passed over.
 * @throws TocsinError `input.file` when it cannot be read or is empty
 */
export async function openCsv(path: string, delimiter: string, bad: BadRow): Promise<CsvRows> {
  const source = await openInput(path);
  const watch = new Utf8Watch();
  const parser = parse(optionsOf(delimiter, bad));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(watch).pipe(parser);
  const close = (): void => {
    source.destroy();
    watch.destroy();
    parser.destroy();
  };
  const records: AsyncIterator<string[]> = parser[Symbol.asyncIterator]();
  const first = await records.next().catch((error: unknown) => {
    close();
    throw unreadable(path, error);
  });
  if (first.done === true) {
    close();
    throw unreadable(path, new Error('it is empty; a header line is needed'));
  }
  const header = first.value;
  async function* rows(): ReturnType<() => CsvRows['rows']> {
    try {
      for (let number = 1; ; number++) {
        const next = await records.next();
        if (next.done === true) return;
        const row = next.value;
        if (row.length !== header.length) {
          bad(
            `row ${number} has ${row.length} fields: ${header.length} are allowed, as in the header`,
            row.join(delimiter),
          );
        } else if (watch.sawOtherThanAscii && row.some((text) => text.includes('\ufffd'))) {
          bad(`row ${number} holds bytes that are not UTF-8`, row.join(delimiter));
        } else {
          yield { row, number };
        }
      }
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      close();
    }
  }
  return { header, rows: rows() };
}

function optionsOf(delimiter: string, bad: BadRow): Options {
  return {
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_skip: (error, raw) => {
      bad(error?.message ?? 'the row cannot be read', raw ?? '');
      return undefined;
    },
  };
}

/** Notices whether broken UTF-8 can be there at all, so that plain files need not be searched. */
class Utf8Watch extends Transform {
  sawOtherThanAscii = false;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    if (!this.sawOtherThanAscii && !isAscii(chunk)) this.sawOtherThanAscii = true;
    done(null, chunk);
  }
}
