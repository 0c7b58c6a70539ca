import {
  type DecodeContext,
  type DecodeOutcome,
  MAX_REJECTIONS,
  type RejectReason,
} from './decode.js';
import { rawJson } from './raw-json.js';

/** Raw form of what is being decoded, made only when something is refused. */
export type RawPayload = () => Uint8Array | string;

/** Refusals of one payload that are described; of the others only the reason is counted. */
const DESCRIBED = 1000;
/** Bytes of a payload that a dead letter keeps: enough to see what is wrong. */
const KEPT_BYTES = 4096;

/**
 * Where a decoder says what it refuses while it works through one payload: every refusal becomes a
 * dead letter, the first `MAX_REJECTIONS` are listed in the outcome.
 */
export class Refusals {
  /** place in the payload of what is being decoded now */
  index = 0;
  /** whose feed what is being decoded now belongs to */
  feed: string;
  readonly #context: DecodeContext;
  #outcome: DecodeOutcome = { records: 0, refused: 0, rejections: [] };
  #raw: RawPayload = () => '';
  #count = 0;

  constructor(feed: string, context: DecodeContext) {
    this.feed = feed;
    this.#context = context;
  }

  /** Starts on another payload. */
  begin(): DecodeOutcome {
    this.index = 0;
    this.#count = 0;
    this.#outcome = { records: 0, refused: 0, rejections: [] };
    return this.#outcome;
  }

  /** Says how the raw form of the record in hand is had. */
  from(raw: RawPayload): void {
    this.#raw = raw;
  }

  /** Counts the record in hand as kept or not. */
  settle(isKept: boolean): boolean {
    if (isKept) this.#outcome.records++;
    else this.#outcome.refused++;
    return isKept;
  }

  /**
   * Refuses the record in hand, or one value of it.
   * @param detail asked for only while details of this payload are still kept
   */
  refuse(reason: RejectReason, detail: string | (() => string)): void {
    if (++this.#count > DESCRIBED) {
      this.#context.deadLetters.record({
        feed: this.feed,
        source: this.#context.source,
        reason,
        detail: 'one of many of its payload',
        payload: '',
      });
      return;
    }
    this.#describe(reason, typeof detail === 'string' ? detail : detail());
  }

  #describe(reason: RejectReason, detail: string): void {
    const { rejections } = this.#outcome;
    if (rejections.length < MAX_REJECTIONS) rejections.push({ index: this.index, reason, detail });
    this.#context.deadLetters.record({
      feed: this.feed,
      source: this.#context.source,
      reason,
      detail,
      payload: shorten(this.#raw()),
    });
  }
}

/** Copies, so that a dead letter does not hold on to the payload it came in. */
function shorten(payload: Uint8Array | string): Uint8Array | string {
  if (typeof payload === 'string') return payload.slice(0, KEPT_BYTES);
  return new Uint8Array(payload.subarray(0, KEPT_BYTES));
}

/** What a source wrote, cut short and with control characters escaped, for a sentence. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : rawJson(value);
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
