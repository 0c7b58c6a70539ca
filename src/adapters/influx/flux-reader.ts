import {
  flux,
  fluxDateTime,
  fluxExpression,
  HttpError,
  InfluxDB,
  type ParameterizedQuery,
  toFluxValue,
} from '@influxdata/influxdb-client';
import { TocsinError } from '../../domain/errors.js';
import { away, refusal } from './influx-errors.js';
import type { InfluxOptions, InfluxReader, InfluxRow, TimeRange } from './ports.js';

const TIMEOUT_MS = 60_000;

/**
 * Flux through the official client, as InfluxDB 2.x and 1.8 (with Flux enabled) answer it: fields
 * of a point are pivoted into one row on the server. Every name goes in as a Flux string literal.
 */
export class FluxReader implements InfluxReader {
  readonly #options: InfluxOptions;
  readonly #bucket: string;
  readonly #columns: readonly string[];
  readonly #client: InfluxDB;

  /**
   * @param columns tags and fields to ask for
   * @throws TocsinError `input.config` without a bucket
   */
  constructor(options: InfluxOptions, columns: readonly string[]) {
    if (options.bucket === undefined) {
      throw new TocsinError('input.config', `influx ${options.name}: Flux needs a bucket`);
    }
    const { url, token, username, password } = options;
    const secret = token ?? (username === undefined ? undefined : `${username}:${password ?? ''}`);
    this.#options = options;
    this.#bucket = options.bucket;
    this.#columns = columns;
    this.#client = new InfluxDB({
      url,
      timeout: TIMEOUT_MS,
      ...(secret === undefined ? {} : { token: secret }),
    });
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncGenerator<InfluxRow> {
    const { measurement } = this.#options;
    yield* this.#ask(fluxQuery(this.#bucket, measurement, this.#columns, range), signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    const query = flux`from(bucket: ${this.#bucket}) |> range(start: -1m) |> limit(n: 1)`;
    for await (const _ of this.#ask(query, signal)) return;
  }

  async *#ask(query: ParameterizedQuery, signal: AbortSignal): AsyncGenerator<InfluxRow> {
    const { url, org } = this.#options;
    try {
      const rows = this.#client.getQueryApi(org ?? '').iterateRows(query);
      for await (const { values, tableMeta } of rows) {
        signal.throwIfAborted();
        const record = tableMeta.toObject(values);
        yield { timeMs: Date.parse(String(record._time)), record };
      }
    } catch (error) {
      if (error instanceof HttpError) {
        throw refusal(url, error.statusCode, error.body ?? error.message);
      }
      throw away(url, error);
    }
  }
}

/** The query of one page: measurement and fields chosen, one row per point, a table per series. */
export function fluxQuery(
  bucket: string,
  measurement: string,
  columns: readonly string[],
  { fromMs, toMs }: TimeRange,
): ParameterizedQuery {
  const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();
  // Equalities are pushed down to storage; contains() is not.
  const isField = columns.map((column) => `r._field == ${toFluxValue(column)}`).join(' or ');
  return flux`from(bucket: ${bucket})
  |> range(start: ${fluxDateTime(iso(fromMs))}, stop: ${fluxDateTime(iso(toMs))})
  |> filter(fn: (r) => r._measurement == ${measurement})
  |> filter(fn: (r) => ${fluxExpression(isField)})
  |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
}
