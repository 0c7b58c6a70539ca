import type { TSchema } from 'typebox';
import { complaints } from '../adapters/rules/complaints.js';
import { Alarm } from '../domain/alarm.js';
import { CallInterval, type Fact, Presence } from '../domain/facts.js';
import type { ObjectType } from '../domain/ids.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { isRecord, jsonRecords, notARecord } from './json-payload.js';
import { ObjectNames } from './object-names.js';
import { PeriodClock } from './period-clock.js';
import { type MappedFields, recordMapper } from './record-mapper.js';
import { quoted, Refusals } from './refusals.js';

const SCHEMAS = { alarm: Alarm, presence: Presence, calls: CallInterval } as const;
const TIMES = { alarm: 'alarmRaisedTime', presence: 'time', calls: 'start' } as const;
const OBJECT_TYPES: readonly ObjectType[] = ['cell', 'site', 'link', 'function'];

type RecordKind = keyof typeof SCHEMAS;

/** Decodes alarms, presence and call intervals: JSON records, mapped by the feed's `fields`. */
export class RecordDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #kind: RecordKind;
  readonly #refusals: Refusals;
  readonly #map: (record: Readonly<Record<string, unknown>>) => MappedFields;
  readonly #clock: PeriodClock;
  readonly #context: DecodeContext;
  #items: unknown[] = [];

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#kind = feed.feed.kind as RecordKind;
    this.#refusals = new Refusals(feed.name, context);
    this.#map = recordMapper(feed);
    this.#clock = new PeriodClock(feed, context.live);
    this.#context = context;
  }

  get pending(): number {
    return this.#items.length;
  }

  payload(bytes: Uint8Array): DecodeOutcome {
    const outcome = this.#refusals.begin();
    for (const item of jsonRecords(bytes)) {
      if ('record' in item) {
        this.record(item.record);
      } else {
        this.#refusals.from(() => item.text);
        this.#refusals.refuse(item.reason, item.detail);
        this.#refusals.settle(false);
      }
      this.#refusals.index++;
    }
    return outcome;
  }

  record(record: unknown): boolean {
    const refusals = this.#refusals;
    refusals.from(() => JSON.stringify(record) ?? String(record));
    if (!isRecord(record)) {
      refusals.refuse('payload.schema', notARecord(record));
      return refusals.settle(false);
    }
    return refusals.settle(this.#decode(record));
  }

  take(): Fact[] {
    if (this.#items.length === 0) return [];
    const items = this.#items;
    this.#items = [];
    const kind = this.#kind === 'alarm' ? 'alarms' : this.#kind;
    return [{ kind, items } as Fact];
  }
}
