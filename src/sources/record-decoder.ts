import { complaints } from '../adapters/rules/complaints.js';
import { Alarm } from '../domain/alarm.js';
import { CountInterval } from '../domain/count-interval.js';
import { CallInterval, type Fact, Presence } from '../domain/facts.js';
import { queueName } from '../domain/media.js';
import { SingleCall } from '../domain/single-call.js';
import { Ticket } from '../domain/ticket.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { DecodeContext, DecodeOutcome, Decoder } from './decode.js';
import { isRecord, jsonRecords, notARecord } from './json-payload.js';
import { ObjectNames, objectTypeOf } from './object-names.js';
import { PeriodClock } from './period-clock.js';
import { rawJson } from './raw-json.js';
import { isSingleCall, type MappedFields, recordMapper, TIME_FIELDS } from './record-mapper.js';
import { quoted, Refusals } from './refusals.js';

const SCHEMAS = {
  alarm: Alarm,
  presence: Presence,
  calls: CallInterval,
  ticket: Ticket,
  counts: CountInterval,
} as const;
const FACT_KINDS = {
  alarm: 'alarms',
  presence: 'presence',
  calls: 'calls',
  ticket: 'tickets',
  counts: 'counts',
} as const;
/** Fields that name the object and its type, by kind of feed. */
const OBJECT_FIELDS: Readonly<Record<string, { readonly id: string; readonly type: string }>> = {
  alarm: { id: 'objectId', type: 'objectType' },
  presence: { id: 'cell', type: '' },
  ticket: { id: 'resourceId', type: 'resourceType' },
};
/** What the inventory holds no table of, so that it cannot be looked up there. */
const DERIVED_TYPES = ['sector', 'software'];

type RecordKind = keyof typeof SCHEMAS;

/** Decodes alarms, presence, call intervals and single calls, tickets and counts: JSON records, mapped by the feed's `fields`. */
export class RecordDecoder implements Decoder {
  readonly feed: CompiledFeed;
  readonly #kind: RecordKind;
  readonly #refusals: Refusals;
  readonly #map: (record: Readonly<Record<string, unknown>>) => MappedFields | undefined;
  readonly #clock: PeriodClock;
  /** for times to come, which may lie as far ahead as they like */
  readonly #anyTime: PeriodClock;
  readonly #objects: ObjectNames;
  #items: unknown[] = [];
  #singleCalls: SingleCall[] = [];

  constructor(feed: CompiledFeed, context: DecodeContext) {
    this.feed = feed;
    this.#kind = feed.feed.kind as RecordKind;
    this.#refusals = new Refusals(feed.name, context);
    this.#map = recordMapper(feed);
    this.#clock = new PeriodClock(feed, context.live);
    this.#anyTime = new PeriodClock(feed, undefined);
    this.#objects = new ObjectNames(feed.feed.object, context.aliases);
  }

  get pending(): number {
    return this.#items.length + this.#singleCalls.length;
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
    refusals.from(() => rawJson(record));
    if (!isRecord(record)) {
      refusals.refuse('payload.schema', notARecord(record));
      return refusals.settle(false);
    }
    const mapped = this.#map(record);
    return refusals.settle(mapped === undefined || this.#decode(mapped));
  }

  take(): Fact[] {
    const [items, singleCalls] = [this.#items, this.#singleCalls];
    this.#items = [];
    this.#singleCalls = [];
    const facts = [
      { kind: FACT_KINDS[this.#kind], items } as Fact,
      { kind: 'singleCalls', items: singleCalls } as const,
    ];
    return facts.filter((fact) => 'items' in fact && fact.items.length > 0);
  }

  #decode(mapped: MappedFields): boolean {
    const isSingle = isSingleCall(this.#kind, mapped);
    const own = isSingle ? 'time' : (TIME_FIELDS[this.#kind] ?? 'time');
    for (const name of [own, 'alarmClearedTime']) {
      if (!this.#readTime(mapped, name, this.#clock)) return false;
    }
    if (!this.#readTime(mapped, 'repairAt', this.#anyTime)) return false;
    if (!this.#resolve(mapped, Date.parse(String(mapped[own])))) return false;
    const wrong = complaints(isSingle ? SingleCall : SCHEMAS[this.#kind], mapped)[0];
    if (wrong !== undefined) {
      this.#refusals.refuse('record.invalid', wrong.text);
      return false;
    }
    if (this.#kind === 'calls') nameQueue(mapped as CallInterval | SingleCall);
    if (isSingle) this.#singleCalls.push(mapped as SingleCall);
    else this.#items.push(mapped);
    return true;
  }

  /** Puts a time into ISO 8601 UTC; one that is absent is left for the schema to miss. */
  #readTime(mapped: MappedFields, name: string, clock: PeriodClock): boolean {
    const given = mapped[name];
    if (given === undefined) return true;
    const ms = this.feed.readTime(given);
    const wrong = clock.check(ms);
    if (wrong === undefined) {
      mapped[name] = new Date(ms).toISOString();
      return true;
    }
    this.#refusals.refuse(wrong.reason, `${name} is ${quoted(given)}: ${wrong.allowed}`);
    return false;
  }

  #resolve(mapped: MappedFields, atMs: number): boolean {
    const fields = OBJECT_FIELDS[this.#kind];
    if (fields === undefined || this.#isNamedOtherwise(mapped)) return true;
    const spelled = mapped[fields.id];
    if (spelled !== undefined && typeof spelled !== 'string') return true;
    const type = this.#kind === 'presence' ? 'cell' : objectTypeOf(mapped[fields.type]);
    const found = this.#objects.find(spelled, atMs, type);
    if ('reason' in found) {
      this.#refusals.refuse(found.reason, found.detail);
      return false;
    }
    mapped[fields.id] = found.id;
    if (fields.type !== '' && found.type !== undefined) mapped[fields.type] = found.type;
    return true;
  }

  /** A ticket may name an incident instead, or what the inventory has no list of. */
  #isNamedOtherwise({ resourceId, resourceType, incidentId }: MappedFields): boolean {
    if (this.#kind !== 'ticket') return false;
    if (resourceId === undefined) return incidentId !== undefined;
    return DERIVED_TYPES.some((type) => type === resourceType);
  }
}

/** Contacts of another media than voice are a queue of their own. */
function nameQueue(call: CallInterval | SingleCall): void {
  call.queue = queueName(call.queue, call.media ?? 'voice');
}
