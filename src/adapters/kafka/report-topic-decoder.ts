import { TocsinError } from '../../domain/errors.js';
import type { DeadLetter } from '../../domain/facts.js';
import type { LaneSpec } from '../../domain/lane.js';
import { ReportBlockBuilder } from '../../domain/report-block.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import type { Records } from './ports.js';
import { addReport } from './report-message.js';
import { SOURCE_HEADER, SourceMarks } from './source-marks.js';
import type { Decoded, RangeDecoder, RecordRange } from './topic-decoder.js';

/** Decodes Tocsin's own topic of reports keyed by object, passing over what was written twice. */
export class ReportTopicDecoder implements RangeDecoder {
  readonly #topic: string;
  readonly #lane: LaneSpec;
  readonly #builder: ReportBlockBuilder;
  readonly #marks = new SourceMarks();
  #letters: DeadLetter[] = [];

  /** @throws TocsinError `input.config` for a feed that is not of kind kpi */
  constructor(topic: string, feed: CompiledFeed) {
    const { lane } = feed;
    if (!lane) {
      throw new TocsinError(
        'input.config',
        `kafka topic ${topic}: feed ${feed.name} is no KPI feed`,
      );
    }
    this.#topic = topic;
    this.#lane = lane;
    this.#builder = new ReportBlockBuilder({ ...lane, kpis: lane.kpis.map(({ name }) => name) });
  }

  async decode(sets: readonly Records[], range: RecordRange): Promise<Decoded> {
    this.#letters = [];
    let records = 0;
    let next: number | undefined;
    for (const set of sets) {
      if (set.lastOffset < range.from) continue;
      if (set.unreadable) this.#refuse(set.lastOffset, set.unreadable.detail, set.unreadable.bytes);
      for (let i = 0; i < set.count; i++) {
        const offset = set.offset(i);
        if (offset < range.from) continue;
        if (offset > range.through) return this.#done(records, range.through + 1);
        if (records === range.limit) return this.#done(records, next);
        this.#decode(set, i);
        records++;
        next = offset + 1;
      }
      if (set.lastOffset <= range.through) next = set.lastOffset + 1;
    }
    return this.#done(records, next);
  }

  #decode(set: Records, index: number): void {
    const value = set.value(index);
    const source = set.header(index, SOURCE_HEADER);
    if (value === undefined || (source && !this.#marks.isNew(source))) return;
    const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
    const refused = addReport(text, this.#lane, this.#builder);
    if (refused !== undefined) this.#refuse(set.offset(index), refused, value);
  }

  #refuse(offset: number, why: string, payload: Uint8Array): void {
    const detail = `${why} (${this.#topic} offset ${offset})`;
    const feed = this.#lane.feed;
    this.#letters.push({
      feed,
      source: 'kafka',
      reason: 'payload.schema',
      detail,
      payload: payload.slice(0, 4096),
    });
  }

  #done(records: number, next: number | undefined): Decoded {
    const facts =
      this.#builder.rows === 0 ? [] : [{ kind: 'reports' as const, block: this.#builder.finish() }];
    const letters = this.#letters;
    this.#letters = [];
    return { facts, letters, records, next };
  }
}
