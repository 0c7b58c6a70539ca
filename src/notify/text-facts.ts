import type { Channel, NotificationKind } from '../domain/customer.js';
import { TocsinError } from '../domain/errors.js';
import type { LossWord } from '../domain/services.js';
import type { TextVariant } from './dispatch-facts.js';
import type { SmsSize } from './gsm7.js';

/**
 * What one text is about. Times are epoch ms; `zone` null: no clock time is stated. For works they are
 * the announced ones: `startedAtMs` to `endedAtMs`.
 */
export interface SmsFacts {
  readonly kind: NotificationKind;
  readonly variant: TextVariant;
  readonly language: string;
  /** default SMS */
  readonly channel?: Channel;
  readonly service: 'none' | 'degraded';
  /** whether the phone can be reached now, or only once it moves or service is back */
  readonly reach: 'now' | 'later';
  /** `fleet`: the manager of an account, be it a fleet's or a business's */
  readonly audience: 'person' | 'fleet';
  /** how many of the manager's lines are affected; 0 or absent: not known */
  readonly lines?: number;
  readonly place: string;
  readonly isAround: boolean;
  readonly zone: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly estimatedRepairAtMs: number | null;
  /** how far apart its earliest and latest are, ms; 0 where one time was given */
  readonly repairBandMs: number;
}

export interface RenderedSms {
  readonly text: string;
  /** title of a notification, subject of a mail; null where there is none */
  readonly title: string | null;
  readonly language: string;
  readonly size: SmsSize;
}

/** What an agent is told of one person. */
export interface AgentFacts {
  readonly language: string;
  readonly certainty: 'yes' | 'probably';
  readonly service: LossWord;
  readonly told: boolean;
  readonly place: string;
  readonly zone: string | null;
  readonly startedAtMs: number;
  readonly estimatedRepairAtMs: number | null;
  /** how far apart its earliest and latest are, ms; 0 where one time was given */
  readonly repairBandMs: number;
}

/** Planned work as an agent speaks of it; times are epoch ms. */
export interface AgentWorks {
  readonly language: string;
  readonly zone: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** What is missing of the measurements of somebody's places; epoch ms. */
export interface AgentSight {
  readonly language: string;
  readonly zone: string | null;
  /** nothing comes in from there, rather than from a part */
  readonly isWhole: boolean;
  readonly sinceMs: number;
}

/** A text that cannot be used, with its key in the file of its language. */
export class TextError extends TocsinError {
  readonly key: string;
  readonly why: string;

  constructor(language: string, key: string, why: string) {
    super('input.rules', `messages ${language}, ${key}: ${why}`);
    this.key = key;
    this.why = why;
  }
}
