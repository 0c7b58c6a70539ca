import type { CompiledFeed } from '../../sources/compiled-feed.js';
import type { DecodeContext, Decoder } from '../../sources/decode.js';
import { createDecoder } from '../../sources/decoder.js';
import type { Intake } from '../../sources/ports.js';
import { FluxReader } from './flux-reader.js';
import { InfluxqlReader } from './influxql-reader.js';
import type { InfluxOptions, InfluxReader } from './ports.js';
import { RecentRows } from './recent-rows.js';

const MINUTE_MS = 60_000;
const LATENESS_MS = 30 * MINUTE_MS;
const PAGE_MS = 60 * MINUTE_MS;
/** Rows handed to the intake at a time. */
const ROWS_PER_ACCEPT = 16_384;

/** What a source stands on. */
export interface InfluxDeps {
  readonly feed: CompiledFeed;
  readonly intake: Intake;
  readonly context: Omit<DecodeContext, 'source'>;
  /** network time, epoch ms */
  readonly now: () => number;
}

/** Makes the reader of the dialect. @throws TocsinError `input.config` when an option is missing */
export function createInfluxReader(options: InfluxOptions, feed: CompiledFeed): InfluxReader {
  const columns = columnsOf(feed);
  return options.dialect === 'flux'
    ? new FluxReader(options, columns)
    : new InfluxqlReader(options, columns);
}

function columnsOf(feed: CompiledFeed): string[] {
  const object = feed.feed.object?.column;
  return [...new Set([...feed.columns, ...(object === undefined ? [] : [object])])];
}

/**
 * Polls one measurement of an InfluxDB. The cursor, up to where everything was read, is stored with
 * what was read. Every poll asks again for the time of allowed lateness before it, so that late
 * points are found; rows already handed on are not handed on twice, unless after a restart, which
 * changes nothing since the first value of an object and period wins. After downtime the gap is
 * filled page by page.
 *
 * Run `turn` in a loop that calls `recover` before the first turn and after a failure.
 */
export class InfluxSource {
  readonly name: string;
  readonly #reader: InfluxReader;
  readonly #intake: Intake;
  readonly #decoder: Decoder;
  readonly #recent: RecentRows;
  readonly #now: () => number;
  readonly #latenessMs: number;
  readonly #pageMs: number;
  readonly #fromMs: number | undefined;
  /** up to where all was read */
  #through = Number.NEGATIVE_INFINITY;
  /** where the next page begins */
  #next = 0;
  #rows = 0;
  #pages = 0;
  #isCaughtUp = false;

  /**
   * @param reader default: the one of the options' dialect
   * @throws TocsinError `input.config` when the dialect lacks an option
   */
  constructor(
    options: InfluxOptions,
    deps: InfluxDeps,
    reader: InfluxReader = createInfluxReader(options, deps.feed),
  ) {
    this.name = `influx/${options.name}`;
    this.#reader = reader;
    this.#intake = deps.intake;
    this.#decoder = createDecoder(deps.feed, { ...deps.context, source: 'influx' });
    this.#recent = new RecentRows(columnsOf(deps.feed));
    this.#now = deps.now;
    this.#latenessMs = options.latenessMs ?? LATENESS_MS;
    this.#pageMs = Math.max(options.pageMs ?? PAGE_MS, MINUTE_MS);
    this.#fromMs = options.fromMs;
  }

  /** Whether the present was reached in the last turn, so that nothing older waits to be read. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** Rises with every row and every page, also one without rows. */
  get progress(): number {
    return this.#rows + this.#pages;
  }

  /** Goes back to the stored cursor. @throws as the intake */
  async recover(): Promise<void> {
    const position = await this.#intake.position(this.name);
    const through = throughOf(position);
    this.#recent.clear();
    this.#decoder.take();
    this.#through = through ?? Number.NEGATIVE_INFINITY;
    this.#next =
      through === undefined
        ? (this.#fromMs ?? this.#now() - this.#latenessMs)
        : through - this.#latenessMs;
  }

  /**
   * Reads one page and stores it with the new cursor.
   * @returns `busy` while there is more history to fill, `idle` once the present is reached
   * @throws TocsinError as the reader and the intake; the cursor then stays
   */
  async turn(signal: AbortSignal): Promise<'busy' | 'idle'> {
    const now = this.#now();
    const fromMs = this.#next;
    const toMs = Math.min(fromMs + this.#pageMs, now);
    if (toMs <= fromMs) return 'idle';
    for await (const row of this.#reader.read({ fromMs, toMs }, signal)) {
      this.#rows++;
      if (this.#recent.add(row)) this.#decoder.record(row.record, row.timeMs);
      if (this.#decoder.pending >= ROWS_PER_ACCEPT) {
        await this.#intake.accept(this.#decoder.take());
      }
    }
    signal.throwIfAborted();
    this.#through = Math.max(this.#through, toMs);
    const position = { source: this.name, position: { throughMs: this.#through } };
    await this.#intake.accept(this.#decoder.take(), position);
    this.#pages++;
    this.#isCaughtUp = toMs >= now;
    this.#next = this.#isCaughtUp ? toMs - this.#latenessMs : toMs;
    this.#recent.forgetBefore(toMs - this.#latenessMs);
    return this.#isCaughtUp ? 'idle' : 'busy';
  }

  /** Tries connection and permission. @throws TocsinError as the reader */
  check(signal: AbortSignal): Promise<void> {
    return this.#reader.check(signal);
  }
}

function throughOf(position: unknown): number | undefined {
  const through = (position as { throughMs?: unknown } | null | undefined)?.throughMs;
  return typeof through === 'number' ? through : undefined;
}
