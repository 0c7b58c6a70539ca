import { once } from 'node:events';
import { createReadStream, createWriteStream, type Stats, type WriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Info, parse } from 'csv-parse';
import type pg from 'pg';
import { messageOf, TocsinError } from '../../domain/errors.js';
import type { ImportKindName } from './import-kinds.js';
import type { Reject } from './import-refused.js';
import {
  type ImportCounts,
  type ImportOptions,
  importRows,
  type NumberedRow,
} from './import-rows.js';

/** Settings of a file import besides those of its rows. */
export interface FileImportOptions extends ImportOptions {
  /** told now and then how much of the file has been read */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
  /** told the line up to which an import of the same file that was cut short had come */
  readonly onResume?: (line: number) => void;
}

/** What came of a file. `rejectsFile` is undefined when every row was taken. */
export interface FileImportReport extends ImportCounts {
  readonly kind: ImportKindName;
  readonly file: string;
  readonly rejectsFile: string | undefined;
  /** the first few rejects, for people */
  readonly firstRejects: readonly Reject[];
}

const MOST_RECORD_BYTES = 1 << 20;

/**
 * Imports a CSV file with a header line, delimiter comma, semicolon or tab. Rows that cannot be
 * taken go to FILE.rejects.csv as `line,reason`; a former one is removed.
 *
 * @throws TocsinError `input.file` when the file cannot be read or as `importRows`; then nothing
 * was imported
 */
export async function importFile(
  pool: pg.Pool,
  kind: ImportKindName,
  path: string,
  options: FileImportOptions,
): Promise<FileImportReport> {
  const { size: total, mtimeMs } = await statsOf(path);
  const rejects = new RejectsFile(rejectsPath(path));
  await rejects.clear();
  const input = new CsvInput(path, await delimiterOf(path), (bytes) =>
    options.onProgress?.(bytes, total),
  );
  try {
    const { columns, rows } = await input.open((reject) => rejects.add(reject));
    const onReject = (reject: Reject): Promise<void> => rejects.add(reject);
    const origin = `${resolve(path)} ${total} ${mtimeMs}`;
    const onResume = (line: number): void => options.onResume?.(line);
    const source = { columns, rows, onReject, origin, onResume };
    const counts = await importRows(pool, kind, source, options);
    await rejects.close();
    // records that are not even CSV never became rows
    const rejected = rejects.count;
    return {
      ...counts,
      rows: counts.rows + rejected - counts.rejected,
      rejected,
      kind,
      file: path,
      rejectsFile: rejected > 0 ? rejects.path : undefined,
      firstRejects: rejects.first,
    };
  } catch (error) {
    await rejects.close();
    throw inFile(path, error, rejects);
  } finally {
    input.close();
  }
}

/** Where the rejects of a file go: FILE.rejects.csv, in place of .csv. */
export function rejectsPath(path: string): string {
  return `${path.replace(/\.csv$/i, '')}.rejects.csv`;
}

function inFile(path: string, error: unknown, rejects: RejectsFile): unknown {
  if (error instanceof TocsinError && error.code === 'input.file') {
    const more = rejects.count > 0 ? `; all reasons are in ${rejects.path}` : '';
    return new TocsinError('input.file', `${path}: ${error.message}${more}`, { cause: error });
  }
  const code = String((error as { code?: unknown }).code ?? '');
  if (!code.startsWith('CSV_') && !/^(ENOENT|EACCES|EISDIR|EIO|EPERM)$/.test(code)) return error;
  return new TocsinError('input.file', `${path}: ${messageOf(error)}`, { cause: error });
}

async function statsOf(path: string): Promise<Stats> {
  try {
    const info = await stat(path);
    if (info.isFile()) return info;
  } catch (error) {
    throw new TocsinError('input.file', `${path}: cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new TocsinError('input.file', `${path}: is not a file`);
}

async function delimiterOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0);
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/);
    const count = (mark: string): number => header.split(mark).length;
    return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  } finally {
    await file.close();
  }
}

/** The line a record starts on. The parser knows where it ends, and counts a quoted CRLF as two. */
class LineNumbers {
  #last = 1;
  #surplus = 0;

  startOf(record: readonly string[], end: number): number {
    const isPlain = end === this.#last + 1;
    this.#last = end;
    if (isPlain) return end - this.#surplus;
    const text = record.join('');
    const breaks = text.split(/\r\n|\n|\r/).length - 1;
    this.#surplus += text.split('\r\n').length - 1;
    return end - this.#surplus - breaks;
  }
}

type CsvRecord = { readonly record: string[]; readonly info: Info };

class CsvInput {
  readonly #stream: ReturnType<typeof createReadStream>;
  readonly #parser: ReturnType<typeof parse>;
  #broken: Reject[] = [];

  constructor(path: string, delimiter: string, onProgress: (bytes: number) => void) {
    this.#stream = createReadStream(path, { highWaterMark: 1 << 18 });
    this.#parser = parse({
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MOST_RECORD_BYTES,
      on_skip: (error) => {
        const line = Number((error as { lines?: unknown } | undefined)?.lines ?? 0);
        this.#broken.push({ line, reason: `is not CSV: ${messageOf(error)}` });
      },
    });
    this.#stream.on('error', (error) => this.#parser.destroy(error));
    this.#stream.on('data', () => onProgress(this.#stream.bytesRead));
    this.#stream.pipe(this.#parser);
  }

  /** @param onBroken told of records that are not CSV, as far as they can be skipped */
  async open(
    onBroken: (reject: Reject) => Promise<void>,
  ): Promise<{ columns: string[]; rows: AsyncIterable<NumberedRow> }> {
    const records = this.#parser[Symbol.asyncIterator]() as AsyncIterator<CsvRecord>;
    const header = await records.next();
    const columns = header.done ? [] : header.value.record.map((name) => name.trim());
    const broken = async (): Promise<void> => {
      for (const each of this.#broken.splice(0)) await onBroken(each);
    };
    const lines = new LineNumbers();
    async function* rows(): AsyncGenerator<NumberedRow> {
      for (let next = await records.next(); !next.done; next = await records.next()) {
        const { record, info } = next.value;
        yield [lines.startOf(record, info.lines), record];
      }
      await broken();
    }
    return { columns, rows: rows() };
  }

  close(): void {
    this.#stream.destroy();
    this.#parser.destroy();
  }
}

/** Written as rejects come, so that a file of millions of bad rows needs no memory. */
class RejectsFile {
  readonly path: string;
  readonly first: Reject[] = [];
  count = 0;
  #stream: WriteStream | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async clear(): Promise<void> {
    await rm(this.path, { force: true });
  }

  async add(reject: Reject): Promise<void> {
    this.count++;
    if (this.first.length < 5) this.first.push(reject);
    if (this.#stream === undefined) {
      this.#stream = createWriteStream(this.path);
      this.#stream.write('line,reason\n');
    }
    const reason = `"${reject.reason.replaceAll('"', '""')}"`;
    if (!this.#stream.write(`${reject.line},${reason}\n`)) {
      await once(this.#stream, 'drain');
    }
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    stream.end();
    await finished(stream);
  }
}
