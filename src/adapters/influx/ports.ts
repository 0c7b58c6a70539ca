/** Rows from `fromMs` (inclusive) to `toMs` (exclusive). */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One point: tags and fields by name, null or absent where the point has none. */
export interface InfluxRow {
  readonly timeMs: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** One dialect of asking InfluxDB for the points of a measurement. */
export interface InfluxReader {
  /**
   * Points of a range, in any order, as they arrive.
   * @throws TocsinError `unavailable.influx` while it is away, `input.config` when it refuses the
   *   credentials, the database or the query
   */
  read(range: TimeRange, signal: AbortSignal): AsyncIterable<InfluxRow>;
  /** Tries connection and permission. @throws as `read` */
  check(signal: AbortSignal): Promise<void>;
}

/** Where and what to read. */
export interface InfluxOptions {
  /** names the cursor: keep it */
  readonly name: string;
  readonly dialect: 'flux' | 'influxql';
  readonly url: string;
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Flux: organisation; not needed by 1.8 */
  readonly org?: string | undefined;
  /** Flux: bucket; for 1.8 `database/retention-policy` */
  readonly bucket?: string | undefined;
  /** InfluxQL: database */
  readonly database?: string | undefined;
  readonly measurement: string;
  /** how late a point may be written and still be found; default 30 minutes */
  readonly latenessMs?: number | undefined;
  /** how much history one query asks for; default 1 hour */
  readonly pageMs?: number | undefined;
  /** where to begin the very first time; default: `latenessMs` ago */
  readonly fromMs?: number | undefined;
}
