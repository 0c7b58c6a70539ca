import { TocsinError } from '../../domain/errors.js';
import { away, refusal } from './influx-errors.js';
import type { InfluxOptions, InfluxReader, InfluxRow, TimeRange } from './ports.js';

const CHUNK_ROWS = 10_000;
/** A server that does not begin to answer for so long is held to be away. */
const ANSWER_MS = 60_000;
const NEWLINE = 0x0a;

interface Series {
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}
interface Chunk {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
}

/**
 * InfluxQL over `/query`, as InfluxDB 1.x and 3.x answer it, in chunks so that a large page is never
 * held whole. A token goes as `Authorization: Token`, a username and password as Basic.
 */
export class InfluxqlReader implements InfluxReader {
  readonly #options: InfluxOptions;
  readonly #database: string;
  readonly #columns: readonly string[];

  /**
   * @param columns tags and fields to ask for
   * @throws TocsinError `input.config` without a database
   */
  constructor(options: InfluxOptions, columns: readonly string[]) {
    if (options.database === undefined) {
      throw new TocsinError('input.config', `influx ${options.name}: InfluxQL needs a database`);
    }
    this.#options = options;
    this.#database = options.database;
    this.#columns = columns;
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncGenerator<InfluxRow> {
    const { measurement } = this.#options;
    const query = selectQuery(this.#columns, measurement, range);
    for await (const { columns, values } of this.#ask(query, signal)) {
      const time = columns.indexOf('time');
      for (const row of values) {
        const record: Record<string, unknown> = {};
        for (let i = 0; i < columns.length; i++) {
          if (i !== time) record[columns[i] as string] = row[i];
        }
        yield { timeMs: Number(row[time]), record };
      }
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    // A database that is not there is an error of any query on it.
    const query = `SHOW FIELD KEYS FROM ${identifier(this.#options.measurement)} LIMIT 1`;
    for await (const _ of this.#ask(query, signal)) return;
  }

  async *#ask(query: string, signal: AbortSignal): AsyncGenerator<Series> {
    const url = this.#options.url.replace(/\/+$/, '');
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new Error('no answer in time')), ANSWER_MS);
    try {
      const answer = await fetch(`${url}/query`, {
        method: 'POST',
        headers: this.#headers(),
        body: new URLSearchParams({
          db: this.#database,
          q: query,
          epoch: 'ms',
          chunked: 'true',
          chunk_size: String(CHUNK_ROWS),
        }).toString(),
        signal: AbortSignal.any([signal, patience.signal]),
      });
      clearTimeout(timer);
      if (!answer.ok) throw refusal(url, answer.status, await answer.text());
      for await (const line of linesOf(answer)) yield* seriesOf(url, line);
    } catch (error) {
      throw away(url, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #headers(): Record<string, string> {
    const { token, username, password } = this.#options;
    const headers: Record<string, string> = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    };
    if (token !== undefined) headers.authorization = `Token ${token}`;
    else if (username !== undefined) {
      const pair = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
      headers.authorization = `Basic ${pair}`;
    }
    return headers;
  }
}

/** Asks for named columns of one measurement; every name is quoted, times are whole milliseconds. */
export function selectQuery(
  columns: readonly string[],
  measurement: string,
  { fromMs, toMs }: TimeRange,
): string {
  const list = columns.map(identifier).join(', ');
  const times = `time >= ${Math.floor(fromMs)}ms AND time < ${Math.floor(toMs)}ms`;
  return `SELECT ${list} FROM ${identifier(measurement)} WHERE ${times}`;
}

/** A name in double quotes; what could end it is escaped (InfluxQL reference, identifiers). */
export function identifier(name: string): string {
  const escaped = name.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

async function* linesOf(answer: Response): AsyncGenerator<string> {
  if (answer.body === null) return;
  let rest = Buffer.alloc(0) as Buffer;
  for await (const chunk of answer.body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
    }
  }
  yield rest.toString('utf8');
}

function* seriesOf(url: string, line: string): Generator<Series> {
  if (line.trim() === '') return;
  const chunk = JSON.parse(line) as Chunk;
  const error = chunk.error ?? chunk.results?.find((result) => result.error !== undefined)?.error;
  if (error !== undefined) throw refusal(url, 400, error);
  for (const result of chunk.results ?? []) yield* result.series ?? [];
}
