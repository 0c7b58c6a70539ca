import { isUtf8 } from 'node:buffer';
import type { Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, RejectReason } from './decode.js';
import { IdTable } from './id-table.js';
import { KpiRows } from './kpi-rows.js';
import { type LinePlan, linePlan, unescapeKey, unescapeString } from './line-plan.js';
import { LineScanner, type Precision } from './line-scanner.js';
import { quoted, Refusals } from './refusals.js';

/** Name under which refusals are counted that no feed can be blamed for. */
const NO_FEED = 'line-protocol';
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Decodes payloads of line protocol whose lines may belong to several feeds, told apart by
 * measurement. Errors are per line, in the words of InfluxDB 2; a bad value costs its KPI only.
 */
export class LineDecoder {
  readonly #scanner: LineScanner;
  readonly #feeds: readonly CompiledFeed[];
  readonly #rows = new Map<LinePlan, KpiRows>();
  readonly #refusals: Refusals;
  readonly #context: DecodeContext;
  readonly #tagIds = new IdTable((bytes) => unescapeKey(utf8.decode(bytes)));
  readonly #stringIds = new IdTable((bytes) => unescapeString(utf8.decode(bytes)));
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * @param feeds of format `lineProtocol` and kind `kpi`; one without `measurement` takes what no
   *   other names
   * @throws TocsinError `input.rules` for another feed
   */
  constructor(feeds: readonly CompiledFeed[], context: DecodeContext) {
    this.#feeds = feeds;
    this.#context = context;
    this.#refusals = new Refusals(NO_FEED, context);
    this.#refusals.from(() => this.#bytes.subarray(this.#scanner.lineStart, this.#scanner.lineEnd));
    for (const feed of feeds) {
      this.#rows.set(linePlan(feed), new KpiRows(feed, context, this.#refusals));
    }
    this.#scanner = new LineScanner([...this.#rows.keys()]);
  }

  get pending(): number {
    let sum = 0;
    for (const rows of this.#rows.values()) sum += rows.pending;
    return sum;
  }

  /** Hands over what was decoded since the last time, one fact per feed that had lines. */
  take(): Fact[] {
    return [...this.#rows.values()].flatMap((rows) => {
      const block = rows.take();
      return block === undefined ? [] : [{ kind: 'reports' as const, block }];
    });
  }

  /**
   * Decodes one payload; never throws for what it holds. A rejection's `index` is its line, from 0.
   */
  payload(bytes: Uint8Array, precision: Precision): DecodeOutcome {
    const outcome = this.#refusals.begin();
    const scanner = this.#scanner;
    const isClean = isUtf8(bytes);
    this.#bytes = bytes;
    scanner.reset(bytes, precision);
    for (let found = scanner.next(); found !== 'end'; found = scanner.next()) {
      this.#refusals.settle(this.#line(found === 'bad', isClean));
    }
    this.#bytes = new Uint8Array(0);
    return outcome;
  }

  #line(isBad: boolean, isClean: boolean): boolean {
    const scanner = this.#scanner;
    const { plan } = scanner;
    this.#refusals.index = scanner.lineNumber - 1;
    this.#refusals.feed = plan?.feed.name ?? NO_FEED;
    if (!isClean && !isUtf8(this.#bytes.subarray(scanner.lineStart, scanner.lineEnd))) {
      return this.#refuse('payload.invalidUtf8', 'bytes are not UTF-8');
    }
    if (isBad) return this.#refuse(reasonOf(scanner.problem), this.#unparsable);
    const rows = plan && this.#rows.get(plan);
    if (plan === undefined || rows === undefined)
      return this.#refuse('feed.unknown', this.#unknownMeasurement);
    for (const { column, start, end } of scanner.badValues) {
      rows.notANumber(column, utf8.decode(this.#bytes.subarray(start, end)));
    }
    if (scanner.fieldsRead + scanner.badValues.length === 0) {
      const columns = plan.feed.columns.join(', ');
      return this.#refuse('kpi.none', `none of the feed's fields is there: allowed are ${columns}`);
    }
    // As in InfluxDB, a line without a time is of now; history has no now.
    const timeMs = scanner.hasTime ? scanner.timeMs : (this.#context.live?.now() ?? Number.NaN);
    return rows.add(this.#objectId(), timeMs, scanner.hasTime ? timeMs : 'absent', plan.values);
  }

  #objectId(): string | undefined {
    const { idStart, idEnd, idQuoted } = this.#scanner;
    if (idStart < 0) return undefined;
    return (idQuoted ? this.#stringIds : this.#tagIds).text(this.#bytes, idStart, idEnd);
  }

  #refuse(reason: RejectReason, detail: string | (() => string)): false {
    this.#refusals.refuse(reason, detail);
    return false;
  }

  readonly #unparsable = (): string => {
    const { lineStart, lineEnd, problem } = this.#scanner;
    const line = utf8.decode(this.#bytes.subarray(lineStart, Math.min(lineEnd, lineStart + 200)));
    return `unable to parse '${line.replaceAll('\0', '\\0')}': ${problem}`;
  };

  readonly #unknownMeasurement = (): string => {
    const { lineStart, lineEnd } = this.#scanner;
    const head = utf8.decode(this.#bytes.subarray(lineStart, Math.min(lineEnd, lineStart + 80)));
    const known = this.#feeds.map(({ feed, name }) => feed.measurement ?? `any (${name})`);
    return `no feed reads the measurement of ${quoted(head)}: allowed are ${known.join(', ') || 'none'}`;
  };
}

function reasonOf(problem: string): RejectReason {
  return problem === 'bad timestamp' ? 'time.unreadable' : 'payload.malformed';
}
