import { createReadStream } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'csv-parse';
import { DateTime } from 'luxon';
import { callerPath } from '../config.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { type BacktestResult, backtest } from '../forecast/backtest.js';
import { dayMatrix, type LocalCount } from '../forecast/day-matrix.js';
import { durationOption } from './option-values.js';

interface BacktestOptions {
  interval: number;
  horizon: number;
  from?: number;
  json?: boolean;
}

const DAY_SECONDS = 86_400;

/** Local time as read, in seconds since 1970-01-01 00:00 local; an offset in the text is ignored. */
function readLocalSeconds(text: string): number | undefined {
  const bare = text
    .trim()
    .replace(' ', 'T')
    .replace(/(Z|[+-]\d{2}:?\d{2})$/, '');
  const time = DateTime.fromISO(bare, { zone: 'utc' });
  return time.isValid ? time.toMillis() / 1000 : undefined;
}

function readDay(text: string): number {
  const seconds = /^\d{4}-\d{2}-\d{2}$/.test(text) ? readLocalSeconds(text) : undefined;
  if (seconds === undefined) throw new InvalidArgumentError('allowed: a date such as 2003-06-30');
  return seconds / DAY_SECONDS;
}

interface ReadCalls {
  /** by queue, then by local start: of rows with the same start the last stands */
  queues: Map<string, Map<number, number>>;
  refused: string[];
  /** rows that say otherwise of a time that was there */
  repeated: string[];
}

async function readCalls(file: string): Promise<ReadCalls> {
  const read: ReadCalls = { queues: new Map(), refused: [], repeated: [] };
  const parser = parse({
    columns: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    info: true,
  });
  const input = createReadStream(file).on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      takeRow(read, record, `${file}:${info.lines}`);
    }
  } catch (error) {
    if (error instanceof TocsinError) throw error;
    throw new TocsinError('input.file', `${file}: ${messageOf(error)}`);
  }
  return read;
}

function takeRow(read: ReadCalls, record: Record<string, string>, where: string): void {
  if (record.time === undefined || record.calls === undefined) {
    const found = Object.keys(record).join(', ');
    throw new TocsinError(
      'input.file',
      `${where}: columns time and calls are needed, queue is allowed; found ${found}`,
    );
  }
  const seconds = readLocalSeconds(record.time);
  const calls = record.calls === '' ? Number.NaN : Number(record.calls);
  if (seconds === undefined) {
    read.refused.push(`${where}: time "${record.time}" is not local ISO 8601`);
  } else if (!(calls >= 0 && calls < Number.POSITIVE_INFINITY)) {
    read.refused.push(`${where}: calls "${record.calls}" is not a number of 0 or more`);
  } else {
    const counts = read.queues.get(record.queue ?? '') ?? new Map<number, number>();
    const before = counts.get(seconds);
    if (before !== undefined && before !== calls) {
      read.repeated.push(`${where}: ${record.time} had ${before} calls before, has ${calls} now`);
    }
    read.queues.set(record.queue ?? '', counts.set(seconds, calls));
  }
}

/** What was done about rows, on standard error, so that it is seen and nothing else is lost. */
function report(what: string, lines: readonly string[]): void {
  for (const line of lines.slice(0, 5)) process.stderr.write(`${what}: ${line}\n`);
  if (lines.length > 5) process.stderr.write(`${what}: ${lines.length - 5} more rows\n`);
}

/** The commonest distance between neighbouring rows: what one row covers. */
function sourceInterval(counts: readonly LocalCount[]): number {
  const seen = new Map<number, number>();
  for (let i = 1; i < counts.length; i++) {
    const gap = (counts[i]?.localSeconds ?? 0) - (counts[i - 1]?.localSeconds ?? 0);
    seen.set(gap, (seen.get(gap) ?? 0) + 1);
  }
  const [commonest] = [...seen].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return commonest?.[0] ?? DAY_SECONDS;
}

function queueMatrix(file: string, queue: string, counts: Map<number, number>, interval: number) {
  const sorted = [...counts]
    .map(([localSeconds, calls]) => ({ localSeconds, calls }))
    .sort((a, b) => a.localSeconds - b.localSeconds);
  const where = `${file}${queue && ` (queue ${queue})`}`;
  if (sorted.length < 2) {
    throw new TocsinError('input.file', `${where}: ${sorted.length} row is no history; give days`);
  }
  const source = sourceInterval(sorted);
  if (DAY_SECONDS % source !== 0) {
    throw new TocsinError(
      'input.file',
      `${where}: rows are ${source} s apart, which does not divide a day; allowed are 60, 300, 900, 1800, 3600 s and the like`,
    );
  }
  if (interval % source !== 0) {
    throw new TocsinError(
      'input.option',
      `--interval ${interval} s cannot be made of the ${source} s rows of ${where}: allowed are multiples of ${source} s that divide a day`,
    );
  }
  return dayMatrix(sorted, source, interval);
}

function print(name: string, result: BacktestResult): void {
  const told = (figure: number | null, digits: number): string =>
    figure === null ? 'not defined' : figure.toFixed(digits);
  const percent = (share: number | null): string =>
    share === null ? 'not defined' : `${(share * 100).toFixed(2)} %`;
  const { model, seasonalNaive } = result;
  const mix = Object.entries(model.weights)
    .map(([member, weight]) => `${member} ${percent(weight)}`)
    .join(', ');
  process.stdout.write(
    `${name}${result.origins} origins, ${result.points} intervals of ${result.intervalSeconds / 60} minutes\n` +
      `  WAPE            ${percent(model.wape)}   seasonal naive ${percent(seasonalNaive.wape)}   Poisson floor ${percent(result.poissonFloorWape)}\n` +
      `  MASE            ${told(model.mase, 3)}\n` +
      `  pinball         ${told(model.pinball, 4)}\n` +
      `  80 % band held  ${percent(model.coverage80)}\n` +
      `  95 % band held  ${percent(model.coverage95)}\n` +
      `  made of         ${mix}\n`,
  );
}

async function run(path: string, options: BacktestOptions): Promise<void> {
  const { interval, horizon, from } = options;
  if (DAY_SECONDS % interval !== 0) {
    throw new TocsinError(
      'input.option',
      `--interval ${interval} s does not divide a day; allowed are 5m, 10m, 15m, 30m, 1h and the like`,
    );
  }
  if (horizon % interval !== 0) {
    throw new TocsinError(
      'input.option',
      `--horizon ${horizon} s is no multiple of the interval of ${interval} s`,
    );
  }
  const file = callerPath(path);
  const { queues, refused, repeated } = await readCalls(file);
  report('left out', refused);
  report('the last one stands', repeated);
  if (queues.size === 0) throw new TocsinError('input.file', `${file}: no rows`);
  const results: Record<string, BacktestResult> = {};
  for (const [queue, counts] of queues) {
    results[queue] = backtestQueue(file, queue, counts, { interval, horizon, from });
  }
  const only = queues.size === 1 ? Object.values(results)[0] : undefined;
  if (options.json) process.stdout.write(`${JSON.stringify(only ?? { queues: results })}\n`);
  else for (const [queue, result] of Object.entries(results)) print(queue && `${queue}: `, result);
}

function backtestQueue(
  file: string,
  queue: string,
  counts: Map<number, number>,
  { interval, horizon, from }: { interval: number; horizon: number; from: number | undefined },
): BacktestResult {
  const matrix = queueMatrix(file, queue, counts, interval);
  const last = matrix.dayNumbers.at(-1) ?? 0;
  if (from !== undefined && from > last) {
    throw new TocsinError(
      'input.option',
      `--from lies after the last day with data, ${DateTime.fromSeconds(last * DAY_SECONDS, { zone: 'utc' }).toISODate()}`,
    );
  }
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: '{bar} {value}/{total} days' })
    : undefined;
  let started = false;
  const result = backtest(matrix, horizon, from, (done, all) => {
    if (!started) bar?.start(all, 0);
    started = true;
    bar?.update(done);
  });
  bar?.stop();
  if (result.points === 0) {
    throw new TocsinError(
      'input.file',
      `${file}: ${matrix.rows.length} days leave nothing to compare; give more days or an earlier --from`,
    );
  }
  return result;
}

/** `tocsin backtest`: rolling-origin forecasts of any call history against what came. */
export function registerBacktest(program: Command): void {
  program
    .command('backtest')
    .argument('<calls.csv>', 'columns time,calls[,queue]; local time, start of the interval')
    .description('forecast past days from what was known before them, and compare')
    .option('--interval <duration>', 'staffing interval', durationOption, 1800)
    .option('--horizon <duration>', 'how far ahead of each midnight', durationOption, DAY_SECONDS)
    .option(
      '--from <date>',
      'first day to forecast (default: the last quarter of the days)',
      readDay,
    )
    .option('--json', 'print one JSON document')
    .action(run);
}
