import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { TocsinError } from '../domain/errors.js';
import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import { openCsv } from './csv-rows.js';
import type { DecodeContext, Decoder } from './decode.js';
import { createDecoder } from './decoder.js';
import { linePieces, openInput, unreadable } from './input-file.js';
import { KpiRecordReader } from './kpi-record-reader.js';
import { Refusals } from './refusals.js';

/** Rows of one block, or records of one fact. */
const ROWS_PER_FACT = 4096;

/**
 * Reads a file through a feed, in file order, in facts of about 4,096 rows. CSV, JSON (one array or
 * object, or NDJSON) and line protocol, as the feed's format says; gzip is unpacked. What cannot be
 * read goes to the context's dead letters with file and place, and never stops the rest.
 *
 * @throws TocsinError `input.file` when the file cannot be read at all, or when a CSV file lacks the
 *   feed's time or object column or all of its KPI columns
 */
export async function* readFeedFile(
  path: string,
  feed: CompiledFeed,
  context: DecodeContext,
): AsyncGenerator<Fact> {
  const place = new Place(path, context);
  if (feed.feed.format === 'csv') {
    yield* feed.feed.kind === 'kpi'
      ? readKpiTable(path, feed, place)
      : readRecordTable(path, feed, place);
    return;
  }
  const decoder = createDecoder(feed, place.context);
  if (feed.feed.format === 'json' && (await startsWith(path, '['))) {
    decoder.payload(await readWhole(path));
    yield* decoder.take();
    return;
  }
  yield* readLines(path, decoder, place);
}

/** Puts file and place in front of every refusal. */
class Place {
  readonly context: DecodeContext;
  at = '';

  constructor(path: string, context: DecodeContext) {
    this.context = {
      ...context,
      deadLetters: {
        record: (letter) =>
          context.deadLetters.record({ ...letter, detail: `${path}${this.at}: ${letter.detail}` }),
      },
    };
  }
}

async function* readLines(path: string, decoder: Decoder, place: Place): AsyncGenerator<Fact> {
  const isJson = decoder.feed.feed.format === 'json';
  for await (const { bytes, line } of linePieces(path, isJson)) {
    if (isJson && isBlank(bytes)) continue;
    place.at = isJson ? `:${line}` : `:${line} and on`;
    decoder.payload(bytes);
    if (decoder.pending >= ROWS_PER_FACT) yield* decoder.take();
  }
  yield* decoder.take();
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

async function* readKpiTable(path: string, feed: CompiledFeed, place: Place): AsyncGenerator<Fact> {
  const refusals = new Refusals(feed.name, place.context);
  const delimiter = feed.feed.delimiter ?? ',';
  refusals.begin();
  const { header, rows } = await openCsv(path, delimiter, (detail, raw) => {
    place.at = '';
    refusals.from(() => raw);
    refusals.refuse('payload.malformed', detail);
  });
  checkHeader(path, feed, header, refusals);
  const reader = new KpiRecordReader<readonly string[]>(feed, place.context, refusals, (name) =>
    columnReader(header.indexOf(name)),
  );
  let current: readonly string[] = [];
  const raw = (): string => current.join(delimiter);
  for await (const { row, number } of rows) {
    current = row;
    place.at = ` row ${number}`;
    refusals.from(raw);
    refusals.settle(reader.read(row));
    if (reader.pending >= ROWS_PER_FACT) yield* reader.take();
  }
  yield* reader.take();
}

function columnReader(index: number): (row: readonly string[]) => unknown {
  return index < 0 ? () => undefined : (row) => row[index];
}

/** Time, object and at least one KPI column must be there; of others it is said that they are not. */
function checkHeader(
  path: string,
  feed: CompiledFeed,
  header: readonly string[],
  refusals: Refusals,
): void {
  const needed = [feed.feed.time?.column, feed.feed.object?.column];
  const lacking = needed.filter((name) => name !== undefined && !header.includes(name));
  const absent = feed.columns.filter((name) => !header.includes(name));
  if (lacking.length > 0 || absent.length === feed.columns.length) {
    const names = [...lacking, ...(lacking.length > 0 ? [] : absent)].join(', ');
    throw new TocsinError(
      'input.file',
      `${path}: column ${names} of feed ${feed.name} is missing; the header has ${header.join(', ')}`,
    );
  }
  for (const name of absent) {
    refusals.refuse('column.missing', `column ${name} is not in the header; its KPI stays absent`);
  }
}

async function* readRecordTable(
  path: string,
  feed: CompiledFeed,
  place: Place,
): AsyncGenerator<Fact> {
  const decoder = createDecoder(feed, place.context);
  const refusals = new Refusals(feed.name, place.context);
  refusals.begin();
  const { header, rows } = await openCsv(path, feed.feed.delimiter ?? ',', (detail, raw) => {
    place.at = '';
    refusals.from(() => raw);
    refusals.refuse('payload.malformed', detail);
  });
  for await (const { row, number } of rows) {
    place.at = ` row ${number}`;
    decoder.record(Object.fromEntries(header.map((name, index) => [name, row[index]])));
    if (decoder.pending >= ROWS_PER_FACT) yield* decoder.take();
  }
  yield* decoder.take();
}

async function startsWith(path: string, character: string): Promise<boolean> {
  const source = await openInput(path);
  try {
    for await (const chunk of source) {
      const text = (chunk as Buffer)
        .toString('latin1')
        .replace(/^\xef\xbb\xbf/, '')
        .trimStart();
      if (text !== '') return text.startsWith(character);
    }
    return false;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    source.destroy();
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch (error) {
    throw unreadable(path, error);
  }
}
