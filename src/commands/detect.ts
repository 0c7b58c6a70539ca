import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { parse } from 'csv-parse';
import { callerPath } from '../config.js';
import { StreamDetector } from '../detect/series/stream-detector.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { readSeriesTime } from './series-time.js';

interface DetectOptions {
  time: string;
  value: string;
  json?: boolean;
}

interface ScoredRow {
  time: string;
  value: string;
  /** undefined where time or value could not be read */
  score: number | undefined;
}

const DELIMITERS = [',', ';', '\t'];
const HEADER_BYTES = 65_536;
const WRITE_CHARACTERS = 65_536;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

interface Head {
  delimiter: string;
  bytes: number;
}

/** The delimiter that the first line has most of, and the size of the file. */
async function readHead(file: string): Promise<Head> {
  const handle = await open(file).catch((error: unknown) => {
    throw new TocsinError('input.file', `${file}: ${messageOf(error)}`);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
    const count = (delimiter: string): number => line.split(delimiter).length;
    const delimiter = DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
    return { delimiter, bytes: (await handle.stat()).size };
  } catch (error) {
    throw new TocsinError('input.file', `${file}: ${messageOf(error)}`);
  } finally {
    await handle.close();
  }
}

function columnIndex(header: readonly string[], option: string, name: string): number {
  const index = header.findIndex((each) => each.trim() === name.trim());
  if (index >= 0) return index;
  throw new TocsinError(
    'input.option',
    `${option} ${name}: no such column; the file has ${header.map((each) => each.trim()).join(', ')}`,
  );
}

function readNumber(text: string): number {
  const bare = text.trim();
  return DECIMAL.test(bare) ? Number(bare) : Number.NaN;
}

/**
 * Rows of a file with their scores, in order.
 * @throws TocsinError `input.file` for a file that cannot be read, `input.option` for a column
 * that it lacks
 */
async function* scoreFile(
  file: string,
  options: DetectOptions,
  progress: (bytes: number, all: number) => void,
): AsyncGenerator<ScoredRow> {
  const { delimiter, bytes } = await readHead(file);
  const parser = parse({
    delimiter,
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
  });
  const input = createReadStream(file).on('error', (error) => parser.destroy(error));
  const detector = new StreamDetector();
  let columns: { time: number; value: number } | undefined;
  try {
    for await (const record of input.pipe(parser) as AsyncIterable<string[]>) {
      if (columns === undefined) {
        columns = {
          time: columnIndex(record, '--time', options.time),
          value: columnIndex(record, '--value', options.value),
        };
        continue;
      }
      progress(parser.info.bytes, bytes);
      yield scoreRow(detector, record[columns.time] ?? '', record[columns.value] ?? '');
    }
  } catch (error) {
    if (error instanceof TocsinError) throw error;
    throw new TocsinError('input.file', `${file}: ${messageOf(error)}`);
  }
  if (columns === undefined) throw new TocsinError('input.file', `${file}: no header line`);
}

function scoreRow(detector: StreamDetector, time: string, value: string): ScoredRow {
  const timeMs = readSeriesTime(time);
  const number = readNumber(value);
  const isReadable = Number.isFinite(timeMs) && Number.isFinite(number);
  const score = isReadable ? detector.score(timeMs, number) : undefined;
  return {
    time,
    value,
    score: score === undefined ? undefined : Number(score.toPrecision(9)),
  };
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

async function printCsv(rows: AsyncIterable<ScoredRow>): Promise<void> {
  let text = '';
  let isFirst = true;
  for await (const { time, value, score } of rows) {
    if (isFirst) text = 'time,value,score\n';
    isFirst = false;
    text += `${quoted(time)},${quoted(value)},${score ?? ''}\n`;
    if (text.length < WRITE_CHARACTERS) continue;
    await print(text);
    text = '';
  }
  await print(isFirst ? 'time,value,score\n' : text);
}

async function printJson(rows: AsyncIterable<ScoredRow>): Promise<void> {
  const all: unknown[] = [];
  for await (const { time, value, score } of rows) all.push({ time, value, score: score ?? null });
  await print(`${JSON.stringify({ rows: all })}\n`);
}

async function run(path: string, options: DetectOptions): Promise<void> {
  const bar =
    process.stderr.isTTY && !process.stdout.isTTY
      ? new SingleBar({ format: '{bar} {percentage} %' })
      : undefined;
  let unreadable = 0;
  let started = false;
  const rows = scoreFile(callerPath(path), options, (bytes, all) => {
    if (!started) bar?.start(all, 0);
    started = true;
    bar?.update(bytes);
  });
  async function* counted(): AsyncGenerator<ScoredRow> {
    for await (const row of rows) {
      if (row.score === undefined) unreadable++;
      yield row;
    }
  }
  try {
    await (options.json ? printJson(counted()) : printCsv(counted()));
  } finally {
    bar?.stop();
  }
  if (unreadable > 0) {
    process.stderr.write(
      `left without a score: ${unreadable} rows whose time or value is no time or number\n`,
    );
  }
}

/** `tocsin detect`: how improbable each value of one series is, by what came before it. */
export function registerDetect(program: Command): void {
  program
    .command('detect')
    .argument('<file.csv>', 'one series of any period, with a header line')
    .description('score each row of one series by the rows before it')
    .requiredOption('--time <column>', 'column of the time: ISO 8601 or epoch')
    .requiredOption('--value <column>', 'column of the value')
    .option('--json', 'print one JSON document')
    .action(run);
}
