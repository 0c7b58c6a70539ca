import type { DeadLetter, Fact } from '../domain/facts.js';
import type { CompiledFeed } from './compiled-feed.js';
import type { AliasResolver, DeadLetters } from './ports.js';

/** Why something was refused: a closed set, since it is a metric label. */
export type RejectReason =
  | 'auth.refused'
  | 'payload.malformed'
  | 'payload.tooLarge'
  | 'payload.invalidUtf8'
  | 'payload.schema'
  | 'feed.unknown'
  | 'column.missing'
  | 'object.missing'
  | 'object.unknown'
  | 'time.unreadable'
  | 'time.future'
  | 'time.tooOld'
  | 'kpi.notANumber'
  | 'kpi.outOfRange'
  | 'kpi.negativeCount'
  | 'kpi.successesAboveAttempts'
  | 'kpi.none'
  | 'record.invalid';

/** Age limits of a live feed; history has none. */
export interface LiveLimits {
  /** network time, epoch ms */
  readonly now: () => number;
  /** how far ahead of `now` a time may lie; default 600 s: clocks differ a little */
  readonly maxFutureSeconds?: number;
  /** how far back; default 270 days: what is a year old is a clock that was never set */
  readonly maxAgeSeconds?: number;
}

/** What decoding needs besides the feed. */
export interface DecodeContext {
  readonly aliases: AliasResolver;
  readonly deadLetters: DeadLetters;
  readonly source: DeadLetter['source'];
  /** absent: no age limits, as for replay */
  readonly live?: LiveLimits;
}

/** What is passed on about one refusal besides the dead letter; for answers to a push. */
export interface Rejection {
  /** place in the payload, from 0: array item, line of NDJSON or of line protocol */
  readonly index: number;
  readonly reason: RejectReason;
  readonly detail: string;
}

/** What one payload held. A record with one bad KPI counts as a record and in `rejections`. */
export interface DecodeOutcome {
  /** records of which something was kept */
  records: number;
  /** records of which nothing was kept */
  refused: number;
  /** refusals of records or of single values, at most `MAX_REJECTIONS` of them */
  readonly rejections: Rejection[];
}

/** Refusals listed per payload; all are counted and recorded as dead letters. */
export const MAX_REJECTIONS = 100;

/**
 * Decodes payloads of one feed. What is good waits until `take`; what is bad goes to the dead
 * letters, and never takes the rest with it. Keeps a bounded memory of ids between payloads.
 */
export interface Decoder {
  readonly feed: CompiledFeed;
  /**
   * One message or body: JSON (an object, an array of them, or one per line) or line protocol, as
   * the feed's format says. Never throws for what the payload holds.
   */
  payload(bytes: Uint8Array): DecodeOutcome;
  /**
   * One record already parsed, with the names of its members as columns.
   * @param timeMs its time when it came apart from the record, as from InfluxDB
   * @returns whether anything of it was kept
   */
  record(record: unknown, timeMs?: number): boolean;
  /** How many records wait for `take`. */
  readonly pending: number;
  /** Hands over what was decoded since the last time; empty when nothing was. */
  take(): Fact[];
}
